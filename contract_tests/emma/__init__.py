"""Emma's documents: exchanges.yaml holds their samples as data, exceptions.yaml where those contradict each other."""
