"""EngageLab's document: exchanges.yaml holds it as data, exceptions.yaml what of it contradicts itself."""
