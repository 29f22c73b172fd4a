"""The training process: it trains beside the window and sends snapshots; messages, worker and watchers."""
