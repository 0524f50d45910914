using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Tests.Resources;

public sealed class KindTests
{
    private const string Template = "'template':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'a','image':'i'}]}}";

    [Theory]
    [InlineData("'selector':{'matchLabels':{'app':'web'}}", "")]
    [InlineData("'replicas':-1,'selector':{'matchLabels':{'app':'web'}}", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("'replicas':1", "spec.selector: Required value")]
    [InlineData("'selector':{}", "spec.selector: Invalid value: {}: empty selector is invalid for deployment")]
    [InlineData("'selector':{'matchLabels':{'app':'db'}}",
        "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`")]
    [InlineData("'selector':{'matchLabels':{'app':'web'}},'strategy':{'type':'Recreate','rollingUpdate':{}}",
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData("'selector':{'matchLabels':{'app':'web'}},'strategy':{'type':'Chaos'}",
        "spec.strategy: Unsupported value: \"Chaos\": supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData("'selector':{'matchLabels':{'app':'web'}},'strategy':{'rollingUpdate':{'maxSurge':0,'maxUnavailable':0}}",
        "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData("'selector':{'matchLabels':{'app':'web'}},'strategy':{'rollingUpdate':{'maxSurge':1,'maxUnavailable':'110%'}}",
        "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"110%\": must not be greater than 100%")]
    [InlineData("'selector':{'matchLabels':{'app':'web'}},'minReadySeconds':600,'progressDeadlineSeconds':600",
        "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds")]
    public void What_is_wrong_with_a_deployment_is_said_as_upstream_says_it(string spec, string cause) => Assert.Equal(
        cause.Length == 0 ? [] : [cause], Strategies.Create("deployments.apps", $"{{'metadata':{{'name':'d'}},'spec':{{{spec},{Template}}}}}"));

    [Fact]
    public void A_deployments_selector_does_not_change() => Assert.Equal(
        ["spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web\",\"x\":\"y\"}}: field is immutable"],
        Strategies.Update("deployments.apps",
            "{'spec':{'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web','x':'y'}},'spec':{'containers':[{'name':'a','image':'i'}]}}}}",
            "{'spec':{'selector':{'matchLabels':{'app':'web','x':'y'}},'template':{'metadata':{'labels':{'app':'web','x':'y'}},'spec':{'containers':[{'name':'a','image':'i'}]}}}}"));

    [Fact]
    public void A_template_keeps_its_pods_running() => Assert.Equal(
        ["spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"",
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"],
        Strategies.Create("replicasets.apps", "{'spec':{'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web'}},'spec':{'restartPolicy':'Never','activeDeadlineSeconds':1,'containers':[{'name':'a','image':'i'}]}}}}"));

    [Theory]
    [InlineData("'ports':[{'port':80}]", "")]
    [InlineData("'clusterIP':'None'", "")]
    [InlineData("'type':'ExternalName','externalName':'a.b.'", "")]
    [InlineData("'selector':{'a':'b'}", "spec.ports: Required value")]
    [InlineData("'ports':[{'port':0}]",
        "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive|spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("'ports':[{'port':80},{'port':81}]", "spec.ports[0].name: Required value|spec.ports[1].name: Required value")]
    [InlineData("'ports':[{'name':'a','port':80},{'name':'a','port':81}]", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("'ports':[{'name':'a','port':80},{'name':'b','port':80}]", "spec.ports[1]: Duplicate value: {\"port\":80,\"protocol\":\"TCP\"}")]
    [InlineData("'ports':[{'port':80,'nodePort':30000}]", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("'type':'Magic','ports':[{'port':80}]",
        "spec.type: Unsupported value: \"Magic\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("'type':'ExternalName'", "spec.externalName: Required value")]
    [InlineData("'type':'NodePort','clusterIP':'None','ports':[{'port':80}]",
        "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData("'clusterIP':'10.0.0.300','ports':[{'port':80}]",
        "spec.clusterIPs[0]: Invalid value: \"10.0.0.300\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("'externalIPs':['127.0.0.1'],'ports':[{'port':80}]",
        "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("'sessionAffinity':'ClientIP','sessionAffinityConfig':{'clientIP':{'timeoutSeconds':0}},'ports':[{'port':80}]",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400")]
    [InlineData("'externalTrafficPolicy':'Local','ports':[{'port':80}]",
        "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("'internalTrafficPolicy':'Near','ports':[{'port':80}]",
        "spec.internalTrafficPolicy: Unsupported value: \"Near\": supported values: \"Cluster\", \"Local\"")]
    public void What_is_wrong_with_a_service_is_said_as_upstream_says_it(string spec, string causes) => Assert.Equal(
        causes.Length == 0 ? [] : causes.Split('|'), Strategies.Create("services", $"{{'metadata':{{'name':'s'}},'spec':{{{spec}}}}}"));

    [Fact]
    public void A_services_address_does_not_change() => Assert.Equal(
        ["spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set"],
        Strategies.Update("services", "{'spec':{'clusterIP':'10.0.0.1','ports':[{'port':80}]}}", "{'spec':{'clusterIP':'10.0.0.2','ports':[{'port':80}]}}"));

    [Fact]
    public void A_service_gets_what_follows_from_its_spec()
    {
        var spec = Strategies.Defaulted("services", "{'spec':{'type':'LoadBalancer','sessionAffinity':'ClientIP','ports':[{'port':80},{'name':'m','port':81,'targetPort':'metrics','protocol':'UDP'}]}}")["spec"]!;
        Assert.Equal(
            Strategies.Tree("{'type':'LoadBalancer','sessionAffinity':'ClientIP','ports':[{'port':80,'protocol':'TCP','targetPort':80},{'name':'m','port':81,'targetPort':'metrics','protocol':'UDP'}],'sessionAffinityConfig':{'clientIP':{'timeoutSeconds':10800}},'externalTrafficPolicy':'Cluster','internalTrafficPolicy':'Cluster','allocateLoadBalancerNodePorts':true,'ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack'}").ToJsonString(),
            spec.ToJsonString());
    }

    [Theory]
    [InlineData("{'data':{'a b':'1'}}",
        "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    [InlineData("{'data':{'..a':'1'}}", "data[..a]: Invalid value: \"..a\": must not start with '..'")]
    [InlineData("{'data':{'a':'1'},'binaryData':{'a':'MQ=='}}", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    public void What_is_wrong_with_a_config_map_is_said_as_upstream_says_it(string json, string cause) =>
        Assert.Equal([cause], Strategies.Create("configmaps", json));

    [Fact]
    public void A_config_map_larger_than_a_mebibyte_is_refused() => Assert.Equal(
        ["[]: Too long: may not be more than 1048576 bytes"],
        Strategies.Create("configmaps", "{'data':{'a':'" + new string('x', 1024 * 1024) + "','b':'y'}}"));

    [Fact]
    public void What_is_immutable_stays_as_it_is() => Assert.Equal(
        ["immutable: Forbidden: field is immutable when `immutable` is set", "data: Forbidden: field is immutable when `immutable` is set"],
        Strategies.Update("configmaps", "{'immutable':true,'data':{'a':'1'}}", "{'data':{'a':'2'}}"));

    [Theory]
    [InlineData("{'type':'kubernetes.io/tls'}", "data[tls.crt]: Required value|data[tls.key]: Required value")]
    [InlineData("{'type':'kubernetes.io/dockerconfigjson','data':{'.dockerconfigjson':'e30='}}", "")]
    [InlineData("{'type':'kubernetes.io/dockerconfigjson'}", "data[.dockerconfigjson]: Required value")]
    [InlineData("{'type':'kubernetes.io/basic-auth'}", "data[username]: Required value|data[password]: Required value")]
    [InlineData("{'type':'kubernetes.io/service-account-token'}", "metadata.annotations[kubernetes.io/service-account.name]: Required value")]
    public void A_secrets_type_asks_for_its_keys(string json, string causes) =>
        Assert.Equal(causes.Length == 0 ? [] : causes.Split('|'), Strategies.Create("secrets", json));

    [Fact]
    public void Text_in_a_secret_becomes_data()
    {
        var secret = Strategies.Defaulted("secrets", "{'data':{'a':'MQ==','b':'Mg=='},'stringData':{'b':'drei'}}");
        Assert.Equal("{\"data\":{\"a\":\"MQ==\",\"b\":\"ZHJlaQ==\"},\"type\":\"Opaque\"}", secret.ToJsonString());
    }

    [Fact]
    public void A_secrets_type_does_not_change() => Assert.Equal(
        ["type: Invalid value: \"b\": field is immutable"], Strategies.Update("secrets", "{'type':'a'}", "{'type':'b'}"));

    [Theory]
    [InlineData("{'taints':[{'key':'a','effect':''}]}", "metadata.taints[0].effect: Required value")]
    [InlineData("{'taints':[{'key':'a','effect':'NoLunch'}]}",
        "metadata.taints[0].effect: Unsupported value: \"NoLunch\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"")]
    [InlineData("{'taints':[{'key':'a','effect':'NoSchedule'},{'key':'a','effect':'NoSchedule'}]}",
        "metadata.taints[1]: Duplicate value: {\"effect\":\"NoSchedule\",\"key\":\"a\"}: taints must be unique by key and effect pair")]
    [InlineData("{'podCIDR':'10.0.0.0/33'}", "spec.podCIDRs[0]: Invalid value: \"10.0.0.0/33\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    public void What_is_wrong_with_a_node_is_said_as_upstream_says_it(string spec, string cause) =>
        Assert.Equal([cause], Strategies.Create("nodes", $"{{'spec':{spec}}}"));

    [Fact]
    public void A_nodes_network_stays_once_it_is_given() => Assert.Equal(
        ["spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid"],
        Strategies.Update("nodes", "{'spec':{'podCIDR':'10.0.0.0/24'}}", "{'spec':{'podCIDR':'10.0.1.0/24'}}"));

    [Theory]
    [InlineData("roles", "{'rules':[{'apiGroups':[''],'resources':['pods']}]}", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData("roles", "{'rules':[{'verbs':['get'],'nonResourceURLs':['/x']}]}",
        "rules[0].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs")]
    [InlineData("clusterroles", "{'rules':[{'verbs':['get']}]}",
        "rules[0].apiGroups: Required value: resource rules must supply at least one api group|rules[0].resources: Required value: resource rules must supply at least one resource")]
    [InlineData("clusterrolebindings", "{'roleRef':{'kind':'Role','name':'r'}}", "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"")]
    [InlineData("clusterrolebindings", "{'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{'kind':'ServiceAccount','name':'a'}]}",
        "subjects[0].namespace: Required value")]
    [InlineData("rolebindings", "{'metadata':{'namespace':'n'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{'kind':'Robot','name':'a'}]}",
        "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", \"User\", \"Group\"")]
    [InlineData("rolebindings", "{'metadata':{'namespace':'n'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{'kind':'User','name':'a'},{'kind':'ServiceAccount','name':'b'}]}", "")]
    public void What_is_wrong_with_roles_and_bindings_is_said_as_upstream_says_it(string resource, string json, string causes) =>
        Assert.Equal(causes.Length == 0 ? [] : causes.Split('|'), Strategies.Create(resource + ".rbac.authorization.k8s.io", json));

    [Fact]
    public void A_bindings_role_does_not_change() => Assert.Equal(
        ["roleRef: Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"b\"}: cannot change roleRef"],
        Strategies.Update("clusterrolebindings.rbac.authorization.k8s.io", "{'roleRef':{'kind':'ClusterRole','name':'a'}}", "{'roleRef':{'kind':'ClusterRole','name':'b'}}"));

    [Fact]
    public void A_lease_lasts_longer_than_nothing() => Assert.Equal(
        ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"], Strategies.Create("leases.coordination.k8s.io", "{'spec':{'leaseDurationSeconds':0}}"));

    [Theory]
    [InlineData("events", "{'metadata':{'namespace':'n'},'involvedObject':{'namespace':'n'}}", "")]
    [InlineData("events", "{'metadata':{'namespace':'n'},'involvedObject':{'namespace':'m'}}",
        "involvedObject.namespace: Invalid value: \"m\": does not match event.namespace")]
    [InlineData("events", "{'metadata':{'namespace':'n'},'involvedObject':{'namespace':'n'},'eventTime':'2026-03-01T11:59:00.000000Z','action':'a','reason':'r','reportingInstance':'i'}",
        "reportingComponent: Required value")]
    [InlineData("events.events.k8s.io", "{'apiVersion':'events.k8s.io/v1','metadata':{'namespace':'n'},'regarding':{'namespace':'n'},'eventTime':'2026-03-01T11:59:00.000000Z','action':'a','reason':'r','reportingController':'c','reportingInstance':'i','type':'Loud'}",
        "type: Invalid value: \"\": has invalid value: Loud")]
    public void What_is_wrong_with_an_event_is_said_as_upstream_says_it(string resource, string json, string cause) =>
        Assert.Equal(cause.Length == 0 ? [] : [cause], Strategies.Create(resource, json));

    [Theory]
    [InlineData("services", "1a")]
    [InlineData("namespaces", "a.b")]
    [InlineData("pods", "A")]
    [InlineData("roles.rbac.authorization.k8s.io", "a/b")]
    public void A_name_of_the_wrong_form_is_refused(string resource, string name) => Assert.NotNull(Strategies.Of(resource).ValidateName(name));

    [Fact]
    public void A_role_may_have_a_colon_in_its_name() => Assert.Null(Strategies.Of("roles.rbac.authorization.k8s.io").ValidateName("system:node"));

    [Fact]
    public void A_namespace_stays_until_its_finalizers_are_done()
    {
        var strategy = Strategies.Of("namespaces");
        var space = Strategies.Defaulted("namespaces", "{'metadata':{'name':'n'}}");
        strategy.PrepareForCreate(space, Strategies.Write);
        Assert.Equal("{\"metadata\":{\"name\":\"n\",\"labels\":{\"kubernetes.io/metadata.name\":\"n\"}},\"status\":{\"phase\":\"Active\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}", space.ToJsonString());
        strategy.PrepareForDelete(space);
        Assert.Equal("Terminating", (string?)space["status"]!["phase"]);
        Assert.False(strategy.MayBeRemoved(space));
        space["spec"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray();
        Assert.True(strategy.MayBeRemoved(space));
    }

    [Fact]
    public void An_update_keeps_what_was_allocated_to_a_service()
    {
        var service = Strategies.Defaulted("services", "{'spec':{'type':'NodePort','ports':[{'port':80}]}}");
        var previous = Strategies.Tree("{'spec':{'type':'NodePort','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'],'ports':[{'port':80,'protocol':'TCP','nodePort':30001}]}}");
        Strategies.Of("services").PrepareForUpdate(service, previous, Strategies.Write);
        Assert.Equal("10.0.0.1", (string?)service["spec"]!["clusterIP"]);
        Assert.Equal(30001, (long?)service["spec"]!["ports"]![0]!["nodePort"]);
    }

    [Fact]
    public void A_signing_request_is_made_in_the_name_of_its_maker_whatever_it_says()
    {
        var request = Strategies.Tree("{'spec':{'username':'root','uid':'0','groups':['system:masters'],'extra':{'a':['b']}}}");
        var user = new UserInfo("jane", ["dev", "system:authenticated"])
        {
            Uid = "42",
            Extra = new Dictionary<string, IReadOnlyList<string>> { ["example.com/scopes"] = ["read", "write"] },
        };

        Strategies.Of("certificatesigningrequests.certificates.k8s.io").PrepareForCreate(request, Strategies.Write with { User = user });

        Assert.Equal(
            "{\"username\":\"jane\",\"uid\":\"42\",\"groups\":[\"dev\",\"system:authenticated\"],\"extra\":{\"example.com/scopes\":[\"read\",\"write\"]}}",
            request["spec"]!.ToJsonString());
    }

    [Fact]
    public void A_signing_request_names_no_uid_and_extra_of_a_user_without_them()
    {
        var request = Strategies.Tree("{'spec':{'uid':'0','extra':{'a':['b']}}}");

        Strategies.Of("certificatesigningrequests.certificates.k8s.io").PrepareForCreate(request, Strategies.Write);

        Assert.Equal("{\"username\":\"me\",\"groups\":[\"system:authenticated\"]}", request["spec"]!.ToJsonString());
    }
}
