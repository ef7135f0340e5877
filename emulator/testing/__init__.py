"""For test suites: accounts to test with, and what is shown when a test fails."""
