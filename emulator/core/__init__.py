"""How an emulated vendor behaves. Nothing in here names one."""
