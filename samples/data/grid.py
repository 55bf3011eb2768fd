"""A generator as for LLNL's Maestro: every angle with every wind. `maestrowf` need not be installed."""

from itertools import product

from maestrowf.datastructures.core import ParameterGenerator


def get_custom_generator(env, **kwargs):
    winds = kwargs.get("WINDS", "calm").split("+")
    step = int(env.find("STEP").value)
    pairs = list(product(range(0, 91, step), winds))

    generator = ParameterGenerator()
    generator.add_parameter("ANGLE", [angle for angle, _ in pairs], "ANGLE.%%")
    generator.add_parameter("WIND", [wind for _, wind in pairs], "WIND.%%")
    return generator
