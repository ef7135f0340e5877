"""What the journal proves: filters, verification, waiting, why a request got its answer, advice."""
