"""FEATURES H8: where a space says so, other customers see a number instead of a name; staff always see the person."""

from portal.community.queries import topics


def authors(ctx, topic):
    """The author of the topic and those of its answers, as *ctx* sees them."""
    row = topics.topic(ctx, topic.id)
    rows = [row, *topics.answers_page(ctx, row).rows]
    found = topics.authors_of(ctx, rows)
    return [found[one.id, one.author_id] for one in rows]


def test_H8_names_are_shown_where_the_space_says_nothing_else(world, add_space, ask, reply):
    topic = ask(add_space())
    reply(topic, by="gil")
    names = [one.name for one in authors(world.ctx("gina", "contact"), topic)]
    assert names == [world.rita.name, world.gil.name]


def test_H8_a_number_hides_the_name_from_every_customer(world, add_space, ask, reply):
    topic = ask(add_space("Quiet", aliased=True))
    reply(topic, by="gil")
    reply(topic, "Official words.", by="ana", official=True)
    for who in ("gil", "gina", "rita", "olga"):
        found = authors(world.ctx(who, "contact"), topic)
        assert [one.name for one in found] == ["", "", world.ana.name], who
        assert all(one.number >= 100_000 for one in found[:2])
        assert found[0].number != found[1].number
        assert [(one.real, one.organizations) for one in found] == [("", "")] * 3
        assert [one.is_staff for one in found] == [False, False, True]


def test_H8_staff_see_the_person_and_the_organization(world, add_space, ask, reply):
    topic = ask(add_space("Quiet", aliased=True))
    found = authors(world.ctx("ana"), topic)
    assert (found[0].real, found[0].organizations) == (world.rita.name, "Acme")
    assert found[0].name == "" and found[0].number


def test_H8_the_rule_of_a_space_counts_also_for_what_was_written_before(world, add_space, ask):
    from portal.community.actions import spaces as actions
    from portal.community.queries import spaces

    space = add_space("Open")
    topic = ask(space)
    ada = world.ctx("ada")
    facts = actions.SpaceFacts("Open", everybody=True, aliased=True)
    actions.change_space(ada, spaces.space(ada, space.id, lock=True), facts)
    assert authors(world.ctx("gil", "contact"), topic)[0].name == ""
