# What the commands of Flux import.
