"""The checker checked: mistakes, each in two styles, and the cause that each must be given."""
