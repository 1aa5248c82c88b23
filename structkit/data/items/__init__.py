"""What a row can hold, one kind of item a file: how it becomes arrays and comes back."""
