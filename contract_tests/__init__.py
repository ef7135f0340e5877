"""The vendors' documents as tests. They run against the emulator or, with --target, anywhere else."""
