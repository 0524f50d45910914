using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Tests.Resources;

public sealed class TableTests
{
    private const string Meta = "'metadata':{'name':'x','creationTimestamp':'2026-03-01T11:00:00Z'}";
    private const string Template = "'template':{'spec':{'containers':[{'name':'a','image':'i'},{'name':'b','image':'j'}]}}";

    [Theory]
    [InlineData("pods", "Name Ready Status Restarts Age (IP) (Node) (Nominated Node) (Readiness Gates)")]
    [InlineData("nodes", "Name Status Roles Age Version (Internal-IP) (External-IP) (OS-Image) (Kernel-Version) (Container-Runtime)")]
    [InlineData("services", "Name Type Cluster-IP External-IP Port(s) Age (Selector)")]
    [InlineData("deployments.apps", "Name Ready Up-to-date Available Age (Containers) (Images) (Selector)")]
    [InlineData("replicasets.apps", "Name Desired Current Ready Age (Containers) (Images) (Selector)")]
    [InlineData("events", "Last Seen Type Reason Object (Subobject) (Source) Message (First Seen) (Count) (Name)")]
    [InlineData("jobs.batch", "Name Status Completions Duration Age (Containers) (Images) (Selector)")]
    [InlineData("cronjobs.batch", "Name Schedule Timezone Suspend Active Last Schedule Age (Containers) (Images) (Selector)")]
    [InlineData("persistentvolumeclaims", "Name Status Volume Capacity Access Modes StorageClass VolumeAttributesClass Age (VolumeMode)")]
    [InlineData("roles.rbac.authorization.k8s.io", "Name Created At")]
    [InlineData("rolebindings.rbac.authorization.k8s.io", "Name Role Age (Users) (Groups) (ServiceAccounts)")]
    [InlineData("priorityclasses.scheduling.k8s.io", "Name Value Global-Default Age PreemptionPolicy")]
    public void A_table_has_upstreams_columns(string resource, string headings) => Assert.Equal(headings, Strategies.Headings(resource));

    [Theory]
    [InlineData("nodes", "'metadata':{'name':'n','labels':{'node-role.kubernetes.io/control-plane':'','kubernetes.io/role':'edge'}},'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready','status':'True'}],'nodeInfo':{'kubeletVersion':'v1.36.0'},'addresses':[{'type':'InternalIP','address':'10.0.0.1'}]}",
        "n | Ready,SchedulingDisabled | control-plane,edge | <unknown> | v1.36.0 | 10.0.0.1 | <none> | <unknown> | <unknown> | <unknown>")]
    [InlineData("services", Meta + ",'spec':{'type':'NodePort','clusterIP':'10.0.0.1','selector':{'b':'2','a':'1'},'ports':[{'port':80,'nodePort':30080,'protocol':'TCP'},{'port':53,'protocol':'UDP'}]}",
        "x | NodePort | 10.0.0.1 | <none> | 80:30080/TCP,53/UDP | 60m | a=1,b=2")]
    [InlineData("services", Meta + ",'spec':{'type':'LoadBalancer','clusterIP':'10.0.0.1'}", "x | LoadBalancer | 10.0.0.1 | <pending> | <none> | 60m | <none>")]
    [InlineData("services", Meta + ",'spec':{'type':'LoadBalancer','clusterIP':'10.0.0.1'},'status':{'loadBalancer':{'ingress':[{'hostname':'a-long-name.example.com'}]}}",
        "x | LoadBalancer | 10.0.0.1 | a-long-name.e... | <none> | 60m | <none>")]
    [InlineData("deployments.apps", Meta + ",'spec':{'replicas':3,'selector':{'matchLabels':{'app':'web'},'matchExpressions':[{'key':'tier','operator':'In','values':['b','a']}]}," + Template + "},'status':{'readyReplicas':1,'updatedReplicas':2,'availableReplicas':1}",
        "x | 1/3 | 2 | 1 | 60m | a,b | i,j | app=web,tier in (a,b)")]
    [InlineData("statefulsets.apps", Meta + ",'spec':{'replicas':2," + Template + "},'status':{'readyReplicas':1}", "x | 1/2 | 60m | a,b | i,j")]
    [InlineData("daemonsets.apps", Meta + ",'spec':{'selector':{'matchLabels':{'a':'b'}}," + Template + "},'status':{'desiredNumberScheduled':3,'currentNumberScheduled':2,'numberReady':1}",
        "x | 3 | 2 | 1 | 0 | 0 | <none> | 60m | a,b | i,j | a=b")]
    [InlineData("jobs.batch", Meta + ",'spec':{'completions':2," + Template + "},'status':{'succeeded':1,'startTime':'2026-03-01T11:58:00Z'}", "x | Running | 1/2 | 2m | 60m | a,b | i,j | <none>")]
    [InlineData("jobs.batch", Meta + ",'spec':{'completions':1," + Template + "},'status':{'succeeded':1,'conditions':[{'type':'Complete','status':'True'}],'startTime':'2026-03-01T11:58:00Z','completionTime':'2026-03-01T11:58:07Z'}",
        "x | Complete | 1/1 | 7s | 60m | a,b | i,j | <none>")]
    [InlineData("configmaps", Meta + ",'data':{'a':'1','b':'2'}", "x | 2 | 60m")]
    [InlineData("secrets", Meta + ",'type':'Opaque','data':{'a':'MQ=='}", "x | Opaque | 1 | 60m")]
    [InlineData("namespaces", Meta + ",'status':{'phase':'Active'}", "x | Active | 60m")]
    [InlineData("leases.coordination.k8s.io", Meta + ",'spec':{'holderIdentity':'me'}", "x | me | 60m")]
    [InlineData("roles.rbac.authorization.k8s.io", Meta, "x | 2026-03-01T11:00:00Z")]
    [InlineData("rolebindings.rbac.authorization.k8s.io", Meta + ",'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'User','name':'u'},{'kind':'Group','name':'g'},{'kind':'ServiceAccount','name':'s','namespace':'n'}]",
        "x | Role/r | 60m | u | g | n/s")]
    [InlineData("events", "'metadata':{'name':'e'},'involvedObject':{'kind':'Pod','name':'p','fieldPath':'spec.containers{a}'},'type':'Warning','reason':'Failed','message':'no ','source':{'component':'kubelet','host':'n'},'count':3,'firstTimestamp':'2026-03-01T11:00:00Z','lastTimestamp':'2026-03-01T11:59:30Z'",
        "30s | Warning | Failed | pod/p | spec.containers{a} | kubelet, n | no | 60m | 3 | e")]
    [InlineData("events.events.k8s.io", "'apiVersion':'events.k8s.io/v1','metadata':{'name':'e'},'regarding':{'kind':'Pod','name':'p'},'type':'Normal','reason':'Scheduled','note':'done','reportingController':'scheduler','reportingInstance':'s-1','eventTime':'2026-03-01T11:59:00.000000Z'",
        "60s | Normal | Scheduled | pod/p |  | scheduler, s-1 | done | 60s | 1 | e")]
    [InlineData("endpoints", Meta + ",'subsets':[{'addresses':[{'ip':'10.0.0.1'},{'ip':'10.0.0.2'},{'ip':'10.0.0.3'},{'ip':'10.0.0.4'}],'ports':[{'port':80}]}]",
        "x | 10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more... | 60m")]
    [InlineData("endpointslices.discovery.k8s.io", Meta + ",'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1']}],'ports':[{'port':80},{'port':443}]", "x | IPv4 | 80,443 | 10.0.0.1 | 60m")]
    [InlineData("persistentvolumeclaims", Meta + ",'spec':{'volumeName':'v','storageClassName':'fast','volumeMode':'Filesystem'},'status':{'phase':'Bound','capacity':{'storage':'1Gi'},'accessModes':['ReadWriteMany','ReadWriteOnce']}",
        "x | Bound | v | 1Gi | RWO,RWX | fast | <unset> | 60m | Filesystem")]
    [InlineData("persistentvolumes", Meta + ",'spec':{'capacity':{'storage':'5Gi'},'accessModes':['ReadWriteOncePod'],'persistentVolumeReclaimPolicy':'Retain','claimRef':{'namespace':'n','name':'c'}},'status':{'phase':'Bound'}",
        "x | 5Gi | RWOP | Retain | Bound | n/c |  | <unset> |  | 60m | <unset>")]
    [InlineData("storageclasses.storage.k8s.io", "'metadata':{'name':'x','annotations':{'storageclass.kubernetes.io/is-default-class':'true'}},'provisioner':'p'", "x (default) | p | Delete | Immediate | false | <unknown>")]
    [InlineData("ingresses.networking.k8s.io", Meta + ",'spec':{'ingressClassName':'c','rules':[{'host':'a.b'}],'tls':[{}]},'status':{'loadBalancer':{'ingress':[{'ip':'1.2.3.4'}]}}", "x | c | a.b | 1.2.3.4 | 80, 443 | 60m")]
    [InlineData("networkpolicies.networking.k8s.io", Meta + ",'spec':{'podSelector':{'matchLabels':{'a':'b'}}}", "x | a=b | 60m")]
    [InlineData("poddisruptionbudgets.policy", Meta + ",'spec':{'minAvailable':'50%'},'status':{'disruptionsAllowed':1}", "x | 50% | N/A | 1 | 60m")]
    [InlineData("priorityclasses.scheduling.k8s.io", Meta + ",'value':10,'preemptionPolicy':'Never'", "x | 10 | false | 60m | Never")]
    [InlineData("resourcequotas", Meta + ",'status':{'hard':{'pods':'10','limits.cpu':'4'},'used':{'pods':'3'}}", "x | pods: 3/10 | limits.cpu: 0/4 | 60m")]
    [InlineData("horizontalpodautoscalers.autoscaling", Meta + ",'spec':{'scaleTargetRef':{'kind':'Deployment','name':'d'},'maxReplicas':5,'minReplicas':1,'metrics':[{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':80}}}]},'status':{'currentReplicas':2,'currentMetrics':[{'type':'Resource','resource':{'name':'cpu','current':{'averageUtilization':50}}}]}",
        "x | Deployment/d | cpu: 50%/80% | 1 | 5 | 2 | 60m")]
    [InlineData("horizontalpodautoscalers.autoscaling", "'apiVersion':'autoscaling/v1'," + Meta + ",'spec':{'scaleTargetRef':{'kind':'Deployment','name':'d'},'maxReplicas':5,'targetCPUUtilizationPercentage':80},'status':{'currentReplicas':2}",
        "x | Deployment/d | cpu: <unknown>/80% | <unset> | 5 | 2 | 60m")]
    [InlineData("cronjobs.batch", Meta + ",'spec':{'schedule':'* * * * *','suspend':false,'jobTemplate':{'spec':{" + Template + "}}}", "x | * * * * * | <none> | False | 0 | <none> | 60m | a,b | i,j | <none>")]
    [InlineData("apiservices.apiregistration.k8s.io", Meta + ",'spec':{'service':{'namespace':'n','name':'s'}},'status':{'conditions':[{'type':'Available','status':'False','reason':'Gone'}]}", "x | n/s | False (Gone) | 60m")]
    [InlineData("endpoints", Meta + ",'subsets':[{'addresses':[{'ip':'10.0.0.1'},{'ip':'10.0.0.2'}],'ports':[{'port':80},{'port':443}]}]",
        "x | 10.0.0.1:80,10.0.0.2:80,10.0.0.1:443 + 1 more... | 60m")]
    [InlineData("resourceclaims.resource.k8s.io", Meta, "x | pending | 60m")]
    [InlineData("resourceclaims.resource.k8s.io", Meta + ",'status':{'allocation':{},'reservedFor':[{'resource':'pods','name':'p','uid':'u'}]}", "x | allocated,reserved | 60m")]
    [InlineData("resourceslices.resource.k8s.io", Meta + ",'spec':{'driver':'d','nodeName':'n','pool':{'name':'p','generation':1,'resourceSliceCount':1}}", "x | n | d | p | 60m")]
    public void A_row_reads_as_upstreams(string resource, string fields, string row) => Assert.Equal(row, Strategies.Row(resource, "{" + fields + "}"));

    [Theory]
    [InlineData("daemonsets.apps", "{'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'restartPolicy':'OnFailure','containers':[{'name':'a','image':'i'}]}}}}",
        "spec.template.spec.restartPolicy: Unsupported value: \"OnFailure\": supported values: \"Always\"")]
    [InlineData("jobs.batch", "{'spec':{'selector':{},'template':{'spec':{'restartPolicy':'Always','containers':[{'name':'a','image':'i'}]}}}}",
        "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("cronjobs.batch", "{'metadata':{'name':'c'},'spec':{'schedule':'','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'i'}]}}}}}}",
        "spec.schedule: Required value")]
    [InlineData("poddisruptionbudgets.policy", "{'spec':{'minAvailable':1,'maxUnavailable':1}}",
        "spec: Invalid value: {\"maxUnavailable\":1,\"minAvailable\":1}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData("persistentvolumeclaims", "{'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'0'}}}}",
        "spec.resources[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData("horizontalpodautoscalers.autoscaling", "{'spec':{'scaleTargetRef':{'kind':'A','name':'b'},'minReplicas':3,'maxReplicas':2}}",
        "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`")]
    [InlineData("ingresses.networking.k8s.io", "{'spec':{'rules':[{'http':{'paths':[{'path':'/','pathType':'Prefix','backend':{'service':{'name':'s'}}}]}}]}}",
        "spec.rules[0].http.paths[0].backend: Required value: port name or number is required")]
    [InlineData("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{},'ingress':[{'from':[{}]}]}}", "spec.ingress[0].from[0]: Required value: must specify a peer")]
    [InlineData("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'10.0.0.0/8','except':['11.0.0.0/9']}}]}]}}",
        "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/9\": must be a strict subset of `cidr`")]
    [InlineData("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'10.0.0.0/8','except':['10.0.0.0/8']}}]}]}}",
        "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`")]
    [InlineData("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{},'egress':[{'ports':[{'port':80,'endPort':79}]}]}}",
        "spec.egress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`")]
    [InlineData("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{},'egress':[{'ports':[{'port':80,'endPort':65536}]}]}}",
        "spec.egress[0].ports[0].endPort: Invalid value: 65536: must be between 1 and 65535, inclusive")]
    [InlineData("networkpolicies.networking.k8s.io", "{'spec':{'podSelector':{},'egress':[{'ports':[{'port':'web','endPort':81}]}]}}",
        "spec.egress[0].ports[0].endPort: Invalid value: 81: may not be specified when `port` is non-numeric")]
    [InlineData("endpointslices.discovery.k8s.io", "{'addressType':'IPv4','endpoints':[{'addresses':[]}]}", "endpoints[0].addresses: Required value: must contain at least 1 address")]
    [InlineData("replicationcontrollers", "{'spec':{'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'a','image':''}]}}}}",
        "spec.template.spec.containers[0].image: Required value")]
    public void What_is_wrong_is_said_as_upstream_says_it(string resource, string json, string cause) => Assert.Equal([cause], Strategies.Create(resource, json));

    [Fact]
    public void A_limit_range_fills_what_it_leaves_out() => Assert.Equal(
        "{\"type\":\"Container\",\"max\":{\"cpu\":\"2\"},\"min\":{\"memory\":\"1Mi\"},\"default\":{\"cpu\":\"2\"},\"defaultRequest\":{\"cpu\":\"2\",\"memory\":\"1Mi\"}}",
        Strategies.Defaulted("limitranges", "{'spec':{'limits':[{'type':'Container','max':{'cpu':'2'},'min':{'memory':'1Mi'}}]}}")["spec"]!["limits"]![0]!.ToJsonString());

    [Fact]
    public void A_kind_without_a_strategy_of_its_own_gets_the_default_one()
    {
        Assert.Same(DefaultTable.Instance, Strategies.Of("widgets.example.com").Table);
        Assert.Null(Strategies.Of("widgets.example.com").ValidateName("a.b"));
        Assert.NotNull(Strategies.Of("widgets.example.com").ValidateName("A"));
    }
}
