"""NSX Bet's back-end ("bet6"), behind Betnacional; answers from inside a browser session."""
