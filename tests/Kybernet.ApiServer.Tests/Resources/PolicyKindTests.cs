namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>What is wrong with the kinds that hold others to something: quotas, ranges, autoscalers; causes are separated by bars.</summary>
public sealed class PolicyKindTests
{
    private const string Target = "'scaleTargetRef':{'kind':'Deployment','name':'d'},'maxReplicas':3";
    private const string Policies = "'policies':[{'type':'Pods','value':1,'periodSeconds':60}]";

    [Theory]
    [InlineData("'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':50}}", "")]
    [InlineData("'type':''",
        "spec.metrics[0].type: Required value: must specify a metric source type|spec.metrics[0].type: Unsupported value: \"\": supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"")]
    [InlineData("'type':'Resource'", "spec.metrics[0].resource: Required value: must populate information for the given metric source")]
    [InlineData("'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization'}}",
        "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization")]
    [InlineData("'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':0}}",
        "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0")]
    [InlineData("'type':'Pods','pods':{'metric':{'name':''},'target':{'type':'Much','averageValue':'0'}}",
        "spec.metrics[0].pods.metric.name: Required value: must specify a metric name|spec.metrics[0].pods.target.type: Invalid value: \"Much\": must be either Utilization, Value, or AverageValue|spec.metrics[0].pods.target.averageValue: Invalid value: \"0\": must be positive")]
    [InlineData("'type':'Pods','pods':{'metric':{'name':'m'},'target':{'type':'AverageValue','averageValue':'1'}},'resource':{'name':'cpu','target':{'type':'Value'}}",
        "spec.metrics[0].resource: Forbidden: must populate the given metric source only")]
    [InlineData("'type':'Object','object':{'describedObject':{'kind':'','name':'o'},'metric':{'name':'m'},'target':{'type':'Value'}}",
        "spec.metrics[0].object.describedObject.kind: Required value|spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue")]
    [InlineData("'type':'External','external':{'metric':{'name':'m'},'target':{'type':'Value','value':'1','averageValue':'1'}}",
        "spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target")]
    [InlineData("'type':'ContainerResource','containerResource':{'name':'cpu','container':'','target':{'type':'AverageValue','averageValue':'1'}}",
        "spec.metrics[0].containerResource.container: Required value: must specify a container")]
    public void What_is_wrong_with_a_metric_is_said_as_upstream_says_it(string metric, string causes) => Refused(
        causes, Strategies.Create("horizontalpodautoscalers.autoscaling", $"{{'spec':{{{Target},'metrics':[{{{metric}}}]}}}}"));

    [Theory]
    [InlineData($"'scaleUp':{{{Policies}}}", "")]
    [InlineData("'scaleUp':{'stabilizationWindowSeconds':-1}",
        "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero")]
    [InlineData("'scaleUp':{'policies':[]}", "spec.behavior.scaleUp.policies: Required value: must specify at least one Policy")]
    [InlineData($"'scaleDown':{{'selectPolicy':'Some','stabilizationWindowSeconds':3601,{Policies}}}",
        "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600|spec.behavior.scaleDown.selectPolicy: Unsupported value: \"Some\": supported values: \"Disabled\", \"Max\", \"Min\"")]
    [InlineData("'scaleDown':{'policies':[{'type':'Half','value':0,'periodSeconds':1801}]}",
        "spec.behavior.scaleDown.policies[0].type: Unsupported value: \"Half\": supported values: \"Percent\", \"Pods\"|spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero|spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800")]
    public void What_is_wrong_with_how_an_autoscaler_behaves_is_said_as_upstream_says_it(string behavior, string causes) => Refused(
        causes, Strategies.Create("horizontalpodautoscalers.autoscaling", $"{{'spec':{{{Target},'behavior':{{{behavior}}}}}}}"));

    [Theory]
    [InlineData("'type':'Container','max':{'cpu':'2'},'min':{'cpu':'1'}", "")]
    [InlineData("'type':'Galaxy'", "spec.limits[0].type: Invalid value: \"Galaxy\": must be a standard limit type or fully qualified")]
    [InlineData("'type':'Container','max':{'cpu':'1'},'min':{'cpu':'2'},'default':{'cpu':'1'},'defaultRequest':{'cpu':'1'}",
        "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1|spec.limits[0].defaultRequest[cpu]: Invalid value: \"1\": min value 2 is greater than default request value 1|spec.limits[0].default[cpu]: Invalid value: \"2\": min value 2 is greater than default value 1")]
    [InlineData("'type':'Container','default':{'cpu':'1'},'defaultRequest':{'cpu':'2'}",
        "spec.limits[0].defaultRequest[cpu]: Invalid value: \"2\": default request value 2 is greater than default limit value 1")]
    [InlineData("'type':'Pod','default':{'cpu':'1'}", "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'")]
    [InlineData("'type':'PersistentVolumeClaim'",
        "spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided")]
    [InlineData("'type':'Container','max':{'storage':'1'},'default':{'storage':'1'},'defaultRequest':{'storage':'1'}",
        "spec.limits[0].max[storage]: Invalid value: \"storage\": must be a standard resource for containers|spec.limits[0].default[storage]: Invalid value: \"storage\": must be a standard resource for containers|spec.limits[0].defaultRequest[storage]: Invalid value: \"storage\": must be a standard resource for containers")]
    [InlineData("'type':'Pod','max':{'cpu':'2'},'min':{'cpu':'1'},'maxLimitRequestRatio':{'cpu':'3'}",
        "spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: \"3\": ratio 3 is greater than max/min = 2.000000")]
    public void What_is_wrong_with_a_limit_range_is_said_as_upstream_says_it(string limit, string causes) =>
        Refused(causes, Strategies.Create("limitranges", $"{{'spec':{{'limits':[{{{limit}}}]}}}}"));

    [Theory]
    [InlineData("'hard':{'pods':'3','count/widgets.example.com':'2'},'scopes':['BestEffort']", "")]
    [InlineData("'hard':{'pods':'1500m','secrets':'-1','wishes':'3'}",
        "spec.hard[pods]: Invalid value: \"1500m\": must be an integer|spec.hard[secrets]: Invalid value: \"-1\": must be greater than or equal to 0|spec.hard[wishes]: Invalid value: \"wishes\": must be a standard resource type or fully qualified|spec.hard[wishes]: Invalid value: \"wishes\": must be a standard resource for quota")]
    [InlineData("'scopes':['Sleepy']", "spec.scopes: Invalid value: [\"Sleepy\"]: unsupported scope")]
    [InlineData("'scopes':['Terminating','NotTerminating']", "spec.scopes: Invalid value: [\"Terminating\",\"NotTerminating\"]: conflicting scopes")]
    [InlineData("'hard':{'services':'1'},'scopes':['BestEffort']", "spec.scopes: Invalid value: [\"BestEffort\"]: unsupported scope applied to resource")]
    [InlineData("'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass','operator':'In'},{'scopeName':'Terminating','operator':'In','values':['a']}]}",
        "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector|spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity")]
    public void What_is_wrong_with_a_quota_is_said_as_upstream_says_it(string spec, string causes) =>
        Refused(causes, Strategies.Create("resourcequotas", $"{{'spec':{{{spec}}}}}"));

    [Fact]
    public void What_a_quota_counts_is_chosen_once() => Refused(
        "spec.scopes: Invalid value: [\"NotBestEffort\"]: field is immutable",
        Strategies.Update("resourcequotas", "{'spec':{'scopes':['BestEffort']}}", "{'spec':{'scopes':['NotBestEffort']}}"));

    [Theory]
    [InlineData("endpoints", "{'subsets':[{'ports':[{'port':80}]}]}", "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")]
    [InlineData("endpoints", "{'subsets':[{'addresses':[{'ip':'127.0.0.1'},{'ip':'one'}],'ports':[{'port':0},{'name':'b','port':80,'protocol':'ICMP'}]}]}",
        "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)|subsets[0].addresses[1].ip: Invalid value: \"one\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)|subsets[0].ports[0].name: Required value|subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive|subsets[0].ports[1].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("ingressclasses.networking.k8s.io", "{'spec':{'controller':'acme'}}",
        "spec.controller: Invalid value: \"acme\": must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("ingressclasses.networking.k8s.io", "{'spec':{'controller':'acme.io/a','parameters':{'kind':'','name':'n','scope':'Namespace'}}}",
        "spec.parameters.kind: Required value: kind is required|spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'")]
    [InlineData("ingressclasses.networking.k8s.io", "{'spec':{'controller':'acme.io/a','parameters':{'kind':'K','name':'n','scope':'World'}}}",
        "spec.parameters.scope: Unsupported value: \"World\": supported values: \"Cluster\", \"Namespace\"")]
    [InlineData("controllerrevisions.apps", "{'revision':1}", "data: Required value: data is mandatory")]
    [InlineData("controllerrevisions.apps", "{'data':{},'revision':-1}", "revision: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("podtemplates", "{'template':{'spec':{'containers':[]}}}", "template.spec.containers: Required value")]
    public void What_is_wrong_with_other_kinds_is_said_as_upstream_says_it(string resource, string json, string causes) =>
        Refused(causes, Strategies.Create(resource, json));

    [Theory]
    [InlineData("ingressclasses.networking.k8s.io", "{'spec':{'controller':'acme.io/a'}}", "{'spec':{'controller':'acme.io/b'}}",
        "spec.controller: Invalid value: \"acme.io/b\": field is immutable")]
    [InlineData("controllerrevisions.apps", "{'data':{'a':1},'revision':1}", "{'data':{'a':2},'revision':2}",
        "data: Invalid value: {\"a\":2}: field is immutable")]
    public void What_others_build_on_stays(string resource, string before, string after, string causes) =>
        Refused(causes, Strategies.Update(resource, before, after));

    [Fact]
    public void An_ingress_that_is_given_its_class_the_old_way_is_told_of_the_new_one() => Assert.Equal(
        ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"],
        Strategies.Of("ingresses.networking.k8s.io").Warnings(Strategies.Encode("{'metadata':{'annotations':{'kubernetes.io/ingress.class':'a'}}}")));

    private static void Refused(string causes, string[] actual) => Assert.Equal(causes.Length == 0 ? [] : causes.Split('|'), actual);
}
