"""Pretrained models: fetched or trained, checked, and the networks that start from them."""
