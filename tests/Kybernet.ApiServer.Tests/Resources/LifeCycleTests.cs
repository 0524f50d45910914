using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>Every resource that is nothing but an object has all verbs, whichever it is.</summary>
public sealed class LifeCycleTests : IAsyncLifetime
{
    private const string Merge = "application/merge-patch+json";

    private const string Attachment = "{'spec':{'attacher':'example.com','nodeName':'n1','source':{'persistentVolumeName':'pv'}}}";
    private const string Ingress = "{'spec':{'defaultBackend':{'service':{'name':'web','port':{'number':80}}}}}";
    private const string Template = "'template':{'metadata':{'labels':{'a':'b'}},'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}";
    private const string Workload =
        "{'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}}}";
    private const string Job = $"{{'spec':{{'suspend':true,{Template}}}}}";
    private const string CronJob = $"{{'spec':{{'schedule':'0 0 1 1 *','jobTemplate':{{'spec':{{{Template}}}}}}}}}";
    private const string Budget = "{'spec':{'minAvailable':1,'selector':{'matchLabels':{'a':'b'}}}}";
    private const string Claim = "{'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}";
    private const string FlowSchema =
        "{'spec':{'priorityLevelConfiguration':{'name':'global-default'},'matchingPrecedence':9000,'distinguisherMethod':{'type':'ByUser'}}}";
    private const string PriorityLevel = "{'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':2,'limitResponse':{'type':'Reject'}}}}";
    private const string Deployments =
        "'matchConstraints':{'resourceRules':[{'apiGroups':['apps'],'apiVersions':['v1'],'operations':['CREATE'],'resources':['deployments']}]}";
    private const string ValidatingPolicy = $"{{'spec':{{{Deployments},'validations':[{{'expression':'true'}}]}}}}";
    private const string TestedCondition = "{'conditions':[{'type':'Tested','status':'True','reason':'Test','message':'m','lastTransitionTime':'2026-01-01T00:00:00Z'}]}";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(configure: TestServer.Quiet);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static IEnumerable<TheoryDataRow<string, string, string, string>> Resources =>
    [
        Of("/api/v1", "configmaps", "default", "{'data':{'a':'b'}}").WithTrait("Conformance", "configmap-lifecycle"),
        Of("/api/v1", "secrets", "default", "{'data':{'a':'Yg=='}}"),
        Of("/api/v1", "podtemplates", "default", "{'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}}")
            .WithTrait("Conformance", "podtemplate-lifecycle")
            .WithTrait("Conformance", "podtemplate-replace")
            .WithTrait("Conformance", "podtemplate-delete-a-collection"),
        Of("/api/v1", "nodes", "", "{}").WithTrait("Conformance", "node-resource-lifecycle"),
        Of("/api/v1", "serviceaccounts", "default", "{}")
            .WithTrait("Conformance", "serviceaccount-lifecycle-test"),
        Of("/api/v1", "events", "default", "{'involvedObject':{'namespace':'default'},'reason':'Test','type':'Normal'}")
            .WithTrait("Conformance", "event-delete-a-collection")
            .WithTrait("Conformance", "event-manage-lifecycle-of-an-event"),
        Of("/apis/coordination.k8s.io/v1", "leases", "default", "{'spec':{'holderIdentity':'me','leaseDurationSeconds':30}}")
            .WithTrait("Conformance", "lease-api-should-be-available"),
        Of("/apis/networking.k8s.io/v1", "ingresses", "default", Ingress),
        Of("/apis/networking.k8s.io/v1", "ingressclasses", "", "{'spec':{'controller':'example.com/controller'}}")
            .WithTrait("Conformance", "ingressclass-api"),
        Of("/apis/apps/v1", "replicasets", "default", Workload).WithTrait("Conformance", "replicaset-list-and-delete-a-collection-of-replicasets"),
        Of("/apis/apps/v1", "daemonsets", "default", Workload).WithTrait("Conformance", "daemonset-list-and-delete-a-collection-of-daemonsets"),
        Of("/apis/apps/v1", "statefulsets", "default", Workload).WithTrait("Conformance", "statefulset-list-patch-and-delete-a-collection-of-statefulsets"),
        Of("/apis/apps/v1", "controllerrevisions", "default", "{'data':{'a':'b'},'revision':1}").WithTrait("Conformance", "controllerrevision-resource-lifecycle"),
        Of("/api/v1", "persistentvolumes", "",
            "{'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/tmp'}}}"),
        Of("/api/v1", "persistentvolumeclaims", "default", Claim).WithTrait("Conformance", "persistentvolumes-claims-lifecycle"),
        Of("/apis/batch/v1", "jobs", "default", Job).WithTrait("Conformance", "jobs-manage-lifecycle"),
        Of("/apis/batch/v1", "cronjobs", "default", CronJob),
        Of("/apis/policy/v1", "poddisruptionbudgets", "default", Budget)
            .WithTrait("Conformance", "poddisruptionbudget-list-and-delete-collection")
            .WithTrait("Conformance", "poddisruptionbudget-create-update-patch-and-delete-object"),
        Of("/apis/events.k8s.io/v1", "events", "default",
            "{'eventTime':'2026-01-01T00:00:00.000000Z','reportingController':'example.com/test','reportingInstance':'t','action':'Test','reason':'Test','type':'Normal','regarding':{'namespace':'default'}}")
            .WithTrait("Conformance", "new-event-resource-lifecycle-testing-a-list-of-events")
            .WithTrait("Conformance", "new-event-resource-lifecycle-testing-a-single-event"),
        Of("/apis/resource.k8s.io/v1", "deviceclasses", "", "{'spec':{}}").WithTrait("Conformance", "crud-operations-for-deviceclasses"),
        Of("/apis/resource.k8s.io/v1", "resourceclaims", "default", "{'spec':{'devices':{}}}").WithTrait("Conformance", "crud-operations-for-resourceclaims"),
        Of("/apis/resource.k8s.io/v1", "resourceclaimtemplates", "default", "{'spec':{'spec':{'devices':{}}}}")
            .WithTrait("Conformance", "crud-operations-for-resourceclaimtemplates"),
        Of("/apis/resource.k8s.io/v1", "resourceslices", "",
            "{'spec':{'driver':'d.example.com','nodeName':'n1','pool':{'name':'p','generation':1,'resourceSliceCount':1}}}")
            .WithTrait("Conformance", "crud-operations-for-resoureslices"),
        Of("/apis/storage.k8s.io/v1", "csidrivers", "", "{'spec':{'attachRequired':false}}").WithTrait("Conformance", "csidriver-lifecycle"),
        Of("/apis/storage.k8s.io/v1", "csinodes", "", "{'spec':{'drivers':[]}}").WithTrait("Conformance", "csinode-lifecycle"),
        Of("/apis/storage.k8s.io/v1", "csistoragecapacities", "default", "{'storageClassName':'fast'}")
            .WithTrait("Conformance", "csistoragecapacity-api"),
        Of("/apis/storage.k8s.io/v1", "storageclasses", "", "{'provisioner':'example.com/p'}").WithTrait("Conformance", "storageclass-lifecycle"),
        Of("/apis/storage.k8s.io/v1", "volumeattachments", "", Attachment).WithTrait("Conformance", "volumeattachment-lifecycle"),
        Of("/apis/storage.k8s.io/v1", "volumeattributesclasses", "", "{'driverName':'example.com','parameters':{'a':'b'}}")
            .WithTrait("Conformance", "volumeattributesclass-lifecycle"),
        Of("/apis/flowcontrol.apiserver.k8s.io/v1", "flowschemas", "", FlowSchema),
        Of("/apis/flowcontrol.apiserver.k8s.io/v1", "prioritylevelconfigurations", "", PriorityLevel),
        Of("/apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicies", "", ValidatingPolicy),
        Of("/apis/admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", "", "{'spec':{'policyName':'p','validationActions':['Deny']}}")
            .WithTrait("Conformance", "validatingadmissionpolicybinding-api"),
        Of("/apis/admissionregistration.k8s.io/v1", "mutatingadmissionpolicies", "",
            $"{{'spec':{{{Deployments},'mutations':[{{'patchType':'ApplyConfiguration','applyConfiguration':{{'expression':'Object{{}}'}}}}],'reinvocationPolicy':'Never'}}}}")
            .WithTrait("Conformance", "mutatingadmissionpolicy-api"),
        Of("/apis/admissionregistration.k8s.io/v1", "mutatingadmissionpolicybindings", "", "{'spec':{'policyName':'p'}}")
            .WithTrait("Conformance", "mutatingadmissionpolicybinding-api"),
    ];

    [Theory]
    [MemberData(nameof(Resources))]
    public Task A_resource_has_all_verbs(string groupPath, string resource, string @namespace, string item) =>
        new ApiWalk(_server, groupPath, resource, @namespace).RunAsync(["one", "three", "two"], _ => Parse(item));

    public static IEnumerable<TheoryDataRow<string, string, string>> Statuses =>
    [
        new TheoryDataRow<string, string, string>(
            "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
            Ingress,
            "{'loadBalancer':{'ingress':[{'ip':'192.0.2.1'}]}}").WithTrait("Conformance", "ingress-api"),
        new TheoryDataRow<string, string, string>(
            "/apis/storage.k8s.io/v1/volumeattachments",
            Attachment,
            "{'attached':true}").WithTrait("Conformance", "volumeattachment-apply-changes-to-a-volumeattachment-status"),
        new TheoryDataRow<string, string, string>(
            "/apis/batch/v1/namespaces/default/cronjobs", CronJob, "{'lastScheduleTime':'2026-01-01T00:00:00Z'}").WithTrait("Conformance", "cronjob-api-operations"),
        new TheoryDataRow<string, string, string>(
            "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
            Budget,
            "{'disruptionsAllowed':0,'currentHealthy':1,'desiredHealthy':1,'expectedPods':1}").WithTrait("Conformance", "poddisruptionbudget-update-and-patch-status"),
        new TheoryDataRow<string, string, string>("/api/v1/namespaces/default/persistentvolumeclaims", Claim, "{'phase':'Lost'}")
            .WithTrait("Conformance", "persistentvolumes-claims-apply-changes-to-a-pv-pvc-status"),
        new TheoryDataRow<string, string, string>("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", FlowSchema, TestedCondition)
            .WithTrait("Conformance", "priority-and-fairness-flowschema-api"),
        new TheoryDataRow<string, string, string>("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations", PriorityLevel, TestedCondition)
            .WithTrait("Conformance", "priority-and-fairness-prioritylevelconfiguration-api"),
        new TheoryDataRow<string, string, string>("/apis/apps/v1/namespaces/default/deployments", Workload, TestedCondition).WithTrait("Conformance", "deployment-status-sub-resource"),
        new TheoryDataRow<string, string, string>("/apis/apps/v1/namespaces/default/replicasets", Workload, $"{{'replicas':0,{TestedCondition[1..]}")
            .WithTrait("Conformance", "replicaset-status-sub-resource"),
        new TheoryDataRow<string, string, string>(
            "/apis/apps/v1/namespaces/default/daemonsets", Workload,
            $"{{'currentNumberScheduled':0,'numberMisscheduled':0,'desiredNumberScheduled':0,'numberReady':0,{TestedCondition[1..]}").WithTrait("Conformance", "daemonset-status-sub-resource"),
        new TheoryDataRow<string, string, string>("/apis/apps/v1/namespaces/default/statefulsets", Workload, $"{{'replicas':0,'availableReplicas':0,{TestedCondition[1..]}")
            .WithTrait("Conformance", "statefulset-status-sub-resource"),
        new TheoryDataRow<string, string, string>("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", ValidatingPolicy, TestedCondition)
            .WithTrait("Conformance", "validatingadmissionpolicy-api"),
    ];

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task A_status_is_written_apart_from_everything_else(string collection, string item, string status)
    {
        var made = Parse(item);
        made["metadata"] = new JsonObject { ["name"] = "one" };
        var (_, created) = await _server.SendAsync(HttpMethod.Post, collection, made.ToJsonString());
        var spec = created!["spec"]!.ToJsonString();
        var watch = new ApiCall(HttpMethod.Get, $"{collection}?watch=true&resourceVersion={created["metadata"]!["resourceVersion"]}");

        var change = new JsonObject { ["status"] = Parse(status) };
        var (patched, after) = await _server.SendAsync(HttpMethod.Patch, $"{collection}/one/status", change.ToJsonString(), Merge);
        Assert.Equal(200, patched);
        Assert.Equal(change["status"]!.ToJsonString(), after!["status"]!.ToJsonString());

        after["spec"] = new JsonObject();
        after["metadata"]!["annotations"] = new JsonObject { ["by"] = "status" };
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, $"{collection}/one/status", after.ToJsonString())).Code);
        var (read, last) = await _server.SendAsync(HttpMethod.Get, $"{collection}/one/status");
        Assert.Equal(200, read);
        Assert.Equal(spec, last!["spec"]!.ToJsonString());
        Assert.Equal(change["status"]!.ToJsonString(), last["status"]!.ToJsonString());
        await foreach (var seen in _server.Admin.WatchAsync(watch, TestContext.Current.CancellationToken))
        {
            Assert.Equal(ObjectEventType.Modified, seen.Type);
            Assert.Equal(change["status"]!.ToJsonString(), JsonNode.Parse(seen.Object.Json.Span)!["status"]!.ToJsonString());
            break;
        }
    }

    [Theory]
    [InlineData("configmaps", "'b'", "'c'", "'d'")]
    [InlineData("secrets", "'Yg=='", "'Yw=='", "'ZA=='")]
    [Trait("Conformance", "configmap-update")]
    [Trait("Conformance", "secret-patching")]
    public async Task Data_is_patched_and_replaced(string resource, string first, string second, string third)
    {
        var collection = $"/api/v1/namespaces/default/{resource}";
        string Item(string data) => Parse($"{{'metadata':{{'name':'one','labels':{{'test':'data'}}}},'data':{{'a':{data}}}}}").ToJsonString();
        Assert.Equal(201, (await _server.SendAsync(HttpMethod.Post, collection, Item(first))).Code);

        await _server.SendAsync(HttpMethod.Patch, $"{collection}/one", Item(second), "application/strategic-merge-patch+json");
        Assert.Equal(second.Trim('\''), await DataAsync());
        await _server.SendAsync(HttpMethod.Put, $"{collection}/one", Item(third));
        Assert.Equal(third.Trim('\''), await DataAsync());
        await _server.SendAsync(HttpMethod.Delete, $"{collection}?labelSelector=test=data");
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Get, $"{collection}/one")).Code);

        async Task<string> DataAsync() => (string)(await _server.SendAsync(HttpMethod.Get, $"{collection}/one")).Body!["data"]!["a"]!;
    }

    [Theory]
    [InlineData("configmaps", "b")]
    [InlineData("secrets", "Yg==")]
    [Trait("Conformance", "configmap-with-empty-key")]
    [Trait("Conformance", "secrets-with-empty-key")]
    public async Task An_empty_key_is_refused(string resource, string value)
    {
        var item = Parse($"{{'metadata':{{'name':'one'}},'data':{{'':'{value}'}}}}").ToJsonString();

        var (code, status) = await _server.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/default/{resource}", item);

        Assert.Equal(422, code);
        Assert.Equal("data[]", (string)status!["details"]!["causes"]![0]!["field"]!);
    }

    [Fact]
    [Trait("Conformance", "kubernetes-service")]
    [Trait("Conformance", "find-kubernetes-service-in-default-namespace")]
    public async Task The_API_is_a_service_of_every_cluster()
    {
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/kubernetes")).Code);
        var (_, all) = await _server.SendAsync(HttpMethod.Get, "/api/v1/services");
        Assert.Contains(all!["items"]!.AsArray(), static item =>
            (string)item!["metadata"]!["name"]! == "kubernetes" && (string)item["metadata"]!["namespace"]! == "default");
    }

    [Fact]
    [Trait("Conformance", "serviceaccount-update-a-serviceaccount")]
    public async Task Whether_a_service_accounts_token_is_mounted_is_updated()
    {
        const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
        var (_, account) = await _server.SendAsync(HttpMethod.Post, Accounts, """{"metadata":{"name":"one"},"automountServiceAccountToken":false}""");
        account!["automountServiceAccountToken"] = true;

        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, $"{Accounts}/one", account.ToJsonString())).Code);
        var (_, read) = await _server.SendAsync(HttpMethod.Get, $"{Accounts}/one");
        Assert.True((bool)read!["automountServiceAccountToken"]!);
    }

    [Theory]
    [InlineData("limitranges", "{'limits':[{'type':'Container','default':{'cpu':'500m'}}]}", "{'limits':[{'type':'Container','default':{'cpu':'250m'}}]}")]
    [InlineData("resourcequotas", "{'hard':{'cpu':'1'}}", "{'hard':{'cpu':'2'}}")]
    [Trait("Conformance", "limitrange-list-patch-and-delete-a-limitrange-by-collection")]
    [Trait("Conformance", "resourcequota-manage-lifecycle-of-a-resourcequota")]
    public async Task Limits_of_namespaces_are_listed_across_them_and_deleted_in_one(string resource, string before, string after)
    {
        Assert.Equal(201, (await _server.SendAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"other"}}""")).Code);
        foreach (var @namespace in (string[])["default", "other"])
        {
            var item = Parse($"{{'metadata':{{'name':'one','labels':{{'test':'limits'}}}},'spec':{before}}}").ToJsonString();
            Assert.Equal(201, (await _server.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{@namespace}/{resource}", item)).Code);
        }
        var patch = Parse($"{{'metadata':{{'labels':{{'patched':'yes'}}}},'spec':{after}}}");
        await _server.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/{resource}/one", patch.ToJsonString(), Merge);

        var (_, patched) = await _server.SendAsync(HttpMethod.Get, $"/api/v1/{resource}?labelSelector=patched=yes");
        var spec = Assert.Single(patched!["items"]!.AsArray())!["spec"]!.ToJsonString();
        Assert.Contains(resource == "limitranges" ? "\"cpu\":\"250m\"" : "\"cpu\":\"2\"", spec, StringComparison.Ordinal);
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/default/{resource}?labelSelector=test=limits")).Code);
        var (_, left) = await _server.SendAsync(HttpMethod.Get, $"/api/v1/{resource}?labelSelector=test=limits");
        Assert.Equal("other", (string)Assert.Single(left!["items"]!.AsArray())!["metadata"]!["namespace"]!);
    }

    private static TheoryDataRow<string, string, string, string> Of(string groupPath, string resource, string @namespace, string item) =>
        new(groupPath, resource, @namespace, item);

    private static JsonObject Parse(string json) => JsonNode.Parse(json.Replace('\'', '"'))!.AsObject();
}
