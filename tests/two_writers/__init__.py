"""Two devices write in one chat: ten thousand seeded schedules, and the rules that each of them must have kept."""
