"""The control plane, `/_emulator/...`: what a tester sets and sees. JSON in, JSON out."""
