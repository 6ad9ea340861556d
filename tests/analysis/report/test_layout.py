"""Where the nodes of a graph are drawn."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st

from emu.analysis.report.layout import lay_out

names = st.sampled_from("abcdefgh")
graphs = st.lists(st.tuples(names, names), max_size=20)


def nodes(edges: list[tuple[str, str]]) -> set[str]:
    return {name for edge in edges for name in edge}


def layer_of(edges: list[tuple[str, str]]) -> dict[str, int]:
    layers = lay_out(nodes(edges), edges).layers
    return {
        item: number
        for number, layer in enumerate(layers)
        for item in layer
        if isinstance(item, str)
    }


def test_a_chain_goes_from_left_to_right() -> None:
    assert layer_of([("b", "c"), ("a", "b")]) == {"a": 0, "b": 1, "c": 2}


def test_an_edge_that_closes_a_circle_is_turned() -> None:
    assert lay_out("ab", [("a", "b"), ("b", "a")]).turned == {("b", "a")}


def test_an_edge_over_a_layer_has_a_bend_in_it() -> None:
    layers = lay_out("abc", [("a", "b"), ("b", "c"), ("a", "c")]).layers
    assert ("a", "c", 1) in layers[1]


def test_neighbours_are_beside_each_other() -> None:
    edges = [("a", "z"), ("b", "y"), ("c", "x")]
    assert lay_out("abcxyz", edges).layers == (("a", "b", "c"), ("z", "y", "x"))


@given(graphs)
def test_every_node_has_one_place(edges: list[tuple[str, str]]) -> None:
    places = lay_out(nodes(edges), edges).places()
    assert {item for item in places if isinstance(item, str)} == nodes(edges)
    assert len(set(places.values())) == len(places)


@given(graphs)
def test_what_is_not_turned_goes_right(edges: list[tuple[str, str]]) -> None:
    made, layers = lay_out(nodes(edges), edges), layer_of(edges)
    straight = {edge for edge in edges if edge[0] != edge[1]} - made.turned
    assert [edge for edge in straight if layers[edge[0]] >= layers[edge[1]]] == []


@given(graphs)
def test_a_circle_always_has_an_edge_that_is_turned(edges: list[tuple[str, str]]) -> None:
    circle = [*edges, *pairwise("abca")]
    made = lay_out(nodes(circle), circle)
    assert made.turned & set(circle)


@given(graphs, st.randoms())
def test_the_order_of_the_edges_does_not_matter(edges: list[tuple[str, str]], dice) -> None:
    mixed = list(edges)
    dice.shuffle(mixed)
    assert lay_out(nodes(edges), edges) == lay_out(sorted(nodes(edges), reverse=True), mixed)
