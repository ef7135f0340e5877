"""What a world tells others of: deliveries, who carries them, and where they may go."""
