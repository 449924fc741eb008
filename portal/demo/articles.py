"""Help articles of a demo provider, written and published through the actions that people use."""

import datetime as dt
import io
from collections.abc import Sequence

from werkzeug.datastructures import FileStorage

from portal.attachments.actions import stage
from portal.demo.build import BuiltProvider
from portal.demo.specs import ArticleSpec
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.kernel.system_context import act_as
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions import categories as category_actions
from portal.knowledge.actions.articles import ArticleSettings, ArticleWords
from portal.knowledge.actions.pictures import add_pictures
from portal.knowledge.models import HelpCategory
from portal.tenants.queries.actors import build_actor


def add_articles(ctx: Context, built: BuiltProvider, articles: Sequence[ArticleSpec]) -> None:
    """Write *articles* as the staff members whom they name, each some days ago; '' as a language is the provider's
    own."""
    before, now, person = ctx.actor, ctx.now, ctx.person
    own = str(built.provider.locale)
    categories: dict[str, HelpCategory] = {}
    for plan in sorted(articles, key=lambda plan: -plan.days_ago):
        ctx.now = now - dt.timedelta(days=plan.days_ago)
        ctx.person = built.people[plan.publishes]
        act_as(ctx, build_actor(ctx, ctx.person, Side.STAFF))
        name = next(iter(plan.category.values()))
        if name not in categories:
            names = {code or own: text for code, text in plan.category.items()}
            categories[name] = category_actions.add_category(ctx, names=names, position=len(categories))
        settings = ArticleSettings(
            category=categories[name],
            audience=plan.audience,
            organizations=[built.organizations[client] for client in plan.organizations],
            roles=plan.roles,
            review_on=(now + dt.timedelta(days=180 - plan.days_ago)).date(),
        )
        texts = {code or own: ArticleWords(*words) for code, words in plan.texts.items()}
        first = next(iter(texts))
        article = actions.add_article(ctx, settings, first, texts[first])
        files = [stage(ctx, FileStorage(io.BytesIO(draw()), filename=name)).id for name, draw in plan.pictures.items()]
        add_pictures(ctx, article, files)
        for code, words in texts.items():
            actions.save_words(ctx, article, code, words)
            if plan.published:
                actions.publish_article(ctx, article, code)
    ctx.now, ctx.person = now, person
    act_as(ctx, before)
