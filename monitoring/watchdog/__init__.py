"""The watchdog: restarts what PM2 takes for healthy and makes no progress, and writes down why.

decide  who is to be restarted; pure
pm2     what PM2 says and does
guard   the two together, in the background
"""
