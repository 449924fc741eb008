import pytest, time, cProfile, pstats
from tests.isolation import catalogue
def test_count(forest, visitors, live_forest):
    app=live_forest.app
    for who in ("rita","ana","eve"):
        t=time.process_time()
        al=[a for r in catalogue.routes(app) if 'GET' in r.methods for a in catalogue.tried(forest, who, r, catalogue.addresses(app, forest, r))]
        print(who,len(al), time.process_time()-t)
        from collections import Counter
        print(Counter(a.endpoint for a in al).most_common(12))
        if who=="rita":
            pr=cProfile.Profile(); pr.enable()
            t=time.process_time(); w=time.time()
            for a in al: visitors.get(who,a.path)
            pr.disable(); print("cpu",time.process_time()-t, time.time()-w)
            pstats.Stats(pr).sort_stats('cumulative').print_stats(45)
