"""What single cells mean: amounts, dates, words."""
