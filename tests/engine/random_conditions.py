"""Random conditions over a few variables, as they are typed into a modeler."""

from random import Random
from typing import Any

from tests.engine.blocks import Variable


class Conditions:
    """Draws conditions over `variables`."""

    def __init__(self, random: Random, variables: tuple[Variable, ...]) -> None:
        self._random = random
        self._variables = variables

    def of_branches(self, *, exhaustive: bool) -> list[str | None]:
        """Two or three conditions: together true for every value, or completed by a default flow."""
        if exhaustive:
            variable = self._random.choice(self._variables)
            values = list(variable.values)
            self._random.shuffle(values)
            cut = self._random.randint(1, len(values) - 1)
            tests: list[str | None] = [self._test(variable, values[:cut]), self._test(variable, values[cut:])]
            if self._chance(0.4):
                tests.append(self.any())
        else:
            tests = [self.any() for _ in range(self._random.randint(1, 2))]
            tests.append(None)
        self._random.shuffle(tests)
        return tests

    def any(self) -> str:
        variable, other = self._random.sample(self._variables, 2)
        values = self._random.sample(variable.values, self._random.randint(1, len(variable.values) - 1))
        test = self._test(variable, values)
        if self._chance(0.25):
            joint = self._random.choice(("&&", "||", "and", "or"))
            return f"${{({test[2:-1]}) {joint} {literal_test(other, other.values[0])}}}"
        return test

    def _test(self, variable: Variable, values: list[Any]) -> str:
        """A condition that is true for exactly these values of the variable."""
        tests = [literal_test(variable, value) for value in values]
        others = [literal_test(variable, value) for value in variable.values if value not in values]
        if self._chance(0.3):
            return "${!(" + " || ".join(others) + ")}"
        return "${" + self._random.choice((" || ", " or ")).join(tests) + "}"

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


def literal_test(variable: Variable, value: Any) -> str:
    """The comparison of a variable with one value, as it is typed into a modeler."""
    match value:
        case bool():
            return variable.name if value else f"!({variable.name})"
        case int():
            return f"{variable.name} == {value}"
        case _:
            return f'{variable.name} == "{value}"' if "'" in value else f"{variable.name} == '{value}'"
