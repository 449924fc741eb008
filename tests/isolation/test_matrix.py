import time, pytest
from tests.isolation import catalogue
def test_speed(forest, visitors, live_forest):
    app = live_forest.app
    n=0; t=time.time(); c=time.process_time()
    rules=[r for r in catalogue.routes(app) if 'GET' in r.methods]
    al=[a for r in rules for a in catalogue.addresses(app, forest, r)]
    print(len(rules), len(al))
    for who in ("rita","ana","nobody", "gil"):
        t=time.time(); c=time.process_time()
        bad={}
        for a in al:
            try: v=visitors.get(who,a.path)
            except Exception as e:
                bad[a.endpoint]=repr(e)[:300]; continue
            if v.status not in catalogue.expected(forest, who, a): bad.setdefault(a.endpoint,[]).append((a.which,v.status)) if not isinstance(bad.get(a.endpoint),str) else 0
        print(who, time.time()-t, time.process_time()-c)
        for k,v in bad.items(): print("  ",k,v[:6] if isinstance(v,list) else v)
