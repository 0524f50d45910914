using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Tests.Resources;

public sealed class PodLifeTests
{
    private const string Pod = "{'metadata':{'name':'p'},'spec':{'nodeName':'n','containers':[{'name':'a','image':'i:1','env':[{'name':'A','value':'1'}]}],'tolerations':[{'key':'k','operator':'Exists'}]}}";

    [Theory]
    [InlineData("'image':'i:1'", "'image':'i:2'")]
    [InlineData("'tolerations':[", "'tolerations':[{'key':'l','operator':'Exists'},")]
    [InlineData("'nodeName':'n'", "'nodeName':'n','activeDeadlineSeconds':5")]
    public void What_may_change_in_a_pod_changes(string from, string to) => Assert.Empty(Strategies.Update("pods", Pod, Pod.Replace(from, to)));

    [Fact]
    public void What_may_not_change_in_a_pod_is_refused_with_the_difference() => Assert.Equal(
        ["spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
            "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n" +
            "  PodSpec{\n  \tcontainers: [\n  \t\t{\n  \t\t\tenv: [\n  \t\t\t\t{\n- \t\t\t\t\tvalue: \"1\",\n+ \t\t\t\t\tvalue: \"2\",\n" +
            "  \t\t\t\t\t... // 1 identical field\n  \t\t\t\t},\n  \t\t\t],\n  \t\t\t... // 3 identical fields\n  \t\t},\n  \t],\n  \t... // 3 identical fields\n  }\n"],
        Strategies.Update("pods", Pod, Pod.Replace("'value':'1'", "'value':'2'")));

    [Theory]
    [InlineData("'key':'k'", "'key':'m'", "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds")]
    [InlineData("'containers':[", "'containers':[{'name':'b','image':'i'},", "spec.containers: Forbidden: pod updates may not add or remove containers")]
    [InlineData("'nodeName':'n'", "'nodeName':'n','schedulingGates':[{'name':'g'}]",
        "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'")]
    public void What_else_may_not_change_says_why(string from, string to, string cause) =>
        Assert.Equal([cause], Strategies.Update("pods", Pod, Pod.Replace(from, to)));

    [Fact]
    public void A_gated_pod_may_get_narrower_choices_of_nodes()
    {
        const string Gated = "{'spec':{'schedulingGates':[{'name':'g'}],'nodeSelector':{'a':'1'},'containers':[{'name':'a','image':'i'}]}}";
        Assert.Empty(Strategies.Update("pods", Gated, Gated.Replace("'a':'1'", "'a':'1','b':'2'")));
        Assert.Equal(
            ["spec.nodeSelector: Invalid value: {\"a\":\"2\"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)"],
            Strategies.Update("pods", Gated, Gated.Replace("'a':'1'", "'a':'2'")));
    }

    [Fact]
    public void A_pod_gets_what_follows_from_its_spec()
    {
        var spec = Strategies.Defaulted("pods", "{'spec':{'serviceAccount':'sa','hostNetwork':true,'volumes':[{'name':'v'}],'containers':[{'name':'a','image':'r:5000/i','ports':[{'containerPort':80}],'resources':{'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'500m'}}},{'name':'b','image':'i:1'}]}}")["spec"]!;
        Assert.Equal("sa", (string?)spec["serviceAccountName"]);
        Assert.Equal("{\"name\":\"v\",\"emptyDir\":{}}", spec["volumes"]![0]!.ToJsonString());
        Assert.Equal("Always", (string?)spec["containers"]![0]!["imagePullPolicy"]);
        Assert.Equal("IfNotPresent", (string?)spec["containers"]![1]!["imagePullPolicy"]);
        Assert.Equal(80, (int?)spec["containers"]![0]!["ports"]![0]!["hostPort"]);
        Assert.Equal("{\"cpu\":\"500m\",\"memory\":\"1Gi\"}", spec["containers"]![0]!["resources"]!["requests"]!.ToJsonString());
        Assert.True((bool?)spec["enableServiceLinks"]);
    }

    [Theory]
    [InlineData("{}", "BestEffort")]
    [InlineData("{'requests':{'cpu':'1'}}", "Burstable")]
    [InlineData("{'limits':{'cpu':'1','memory':'1Gi'}}", "Guaranteed")]
    [InlineData("{'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'1000m','memory':'1024Mi'}}", "Guaranteed")]
    [InlineData("{'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'1','memory':'1Mi'}}", "Burstable")]
    public void A_new_pod_is_pending_in_the_class_of_its_resources(string resources, string qosClass)
    {
        var pod = Strategies.Tree($"{{'spec':{{'containers':[{{'name':'a','image':'i','resources':{resources}}}]}}}}");
        Strategies.Of("pods").PrepareForCreate(pod, Strategies.Write);
        Assert.Equal($"{{\"phase\":\"Pending\",\"qosClass\":\"{qosClass}\"}}", pod["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{'spec':{}}", null, 0L)]
    [InlineData("{'spec':{'nodeName':'n','terminationGracePeriodSeconds':30}}", null, 30L)]
    [InlineData("{'spec':{'nodeName':'n','terminationGracePeriodSeconds':30}}", 5L, 5L)]
    [InlineData("{'spec':{'nodeName':'n','terminationGracePeriodSeconds':-5}}", null, 1L)]
    [InlineData("{'spec':{'nodeName':'n','terminationGracePeriodSeconds':30},'status':{'phase':'Failed'}}", null, 0L)]
    public void A_pod_is_deleted_with_the_grace_it_needs(string pod, long? requested, long expected) =>
        Assert.Equal(expected, Strategies.Of("pods").GracePeriodSeconds(Strategies.Encode(pod), requested));

    [Theory]
    [InlineData("'status':{'phase':'Pending'}", "0/1", "Pending", "0")]
    [InlineData("'status':{'phase':'Running','containerStatuses':[{'name':'a','ready':true,'restartCount':0,'state':{'running':{}}}]}", "1/1", "Running", "0")]
    [InlineData("'status':{'phase':'Running','containerStatuses':[{'name':'a','ready':false,'restartCount':2,'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{'exitCode':1,'finishedAt':'2026-03-01T11:55:00Z'}}}]}",
        "0/1", "CrashLoopBackOff", "2 (5m ago)")]
    [InlineData("'status':{'phase':'Succeeded','containerStatuses':[{'name':'a','ready':false,'restartCount':0,'state':{'terminated':{'exitCode':0,'reason':'Completed'}}}]}",
        "0/1", "Completed", "0")]
    [InlineData("'status':{'phase':'Running','containerStatuses':[{'name':'a','ready':false,'restartCount':0,'state':{'terminated':{'exitCode':137,'signal':9}}}]}",
        "0/1", "Signal:9", "0")]
    [InlineData("'status':{'phase':'Running','reason':'Evicted'}", "0/1", "Evicted", "0")]
    [InlineData("'status':{'phase':'Pending','conditions':[{'type':'PodScheduled','status':'False','reason':'SchedulingGated'}]}", "0/1", "SchedulingGated", "0")]
    public void A_pods_row_says_what_its_containers_do(string status, string ready, string reason, string restarts) => Assert.Equal(
        $"p | {ready} | {reason} | {restarts} | 10d | <none> | n | <none> | <none>",
        Strategies.Row("pods", $"{{'metadata':{{'name':'p','creationTimestamp':'2026-02-19T12:00:00Z'}},'spec':{{'nodeName':'n','containers':[{{'name':'a'}}]}},{status}}}"));

    [Fact]
    public void A_pods_row_counts_init_containers_and_sidecars()
    {
        const string Spec = "'metadata':{'name':'p'},'spec':{'initContainers':[{'name':'side','restartPolicy':'Always'},{'name':'first'}],'containers':[{'name':'a'}]}";
        Assert.StartsWith("p | 1/2 | Init:1/2 | 1 |", Strategies.Row("pods",
            $"{{{Spec},'status':{{'phase':'Pending','initContainerStatuses':[{{'name':'side','ready':true,'started':true,'restartCount':1,'state':{{'running':{{}}}}}},{{'name':'first','restartCount':0,'state':{{'running':{{}}}}}}]}}}}"), StringComparison.Ordinal);
        Assert.StartsWith("p | 0/2 | Init:Error | 0 |", Strategies.Row("pods",
            $"{{{Spec},'status':{{'phase':'Pending','initContainerStatuses':[{{'name':'first','restartCount':0,'state':{{'terminated':{{'exitCode':1,'reason':'Error'}}}}}}]}}}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'deletionTimestamp':'2026-03-01T12:00:00Z'", "'phase':'Running'", "Terminating")]
    [InlineData("'deletionTimestamp':'2026-03-01T12:00:00Z'", "'phase':'Running','reason':'NodeLost'", "Unknown")]
    [InlineData("'deletionTimestamp':'2026-03-01T12:00:00Z'", "'phase':'Failed'", "Failed")]
    public void A_pod_that_goes_says_so(string metadata, string status, string expected) => Assert.Equal(
        expected, Strategies.Row("pods", $"{{'metadata':{{'name':'p',{metadata}}},'spec':{{}},'status':{{{status}}}}}").Split(" | ")[2]);

    [Fact]
    public void An_ended_container_does_not_come_back() => Assert.Equal(
        ["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"],
        Strategies.UpdateStatus("pods",
            "{'spec':{'restartPolicy':'Never'},'status':{'containerStatuses':[{'name':'a','state':{'terminated':{'exitCode':0}}}]}}",
            "{'spec':{'restartPolicy':'Never'},'status':{'containerStatuses':[{'name':'a','state':{'running':{}}}]}}"));

    [Fact]
    public void A_pod_warns_of_what_hardly_does_what_it_means() => Assert.Equal(
        ["spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply",
            "spec.containers[0].resources.limits[memory]: fractional byte value \"100m\" is invalid, must be an integer",
            "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"],
        Strategies.Of("pods").Warnings(Strategies.Encode("{'spec':{'nodeSelector':{'beta.kubernetes.io/os':'linux'},'containers':[{'name':'a','env':[{'name':'A','value':'1'},{'name':'A','value':'2'},{'name':'A','value':'$(A)3'}],'resources':{'limits':{'memory':'100m'}},'ports':[{'containerPort':80},{'containerPort':80}]}]}}")));

    [Theory]
    [InlineData("spec.nodeName", "n")]
    [InlineData("spec.hostNetwork", "false")]
    [InlineData("status.phase", "")]
    [InlineData("spec.nothing", null)]
    public void A_pod_can_be_selected_by_its_fields(string field, string? value) => Assert.Equal(value, Strategies.Of("pods").SelectableField(Strategies.Encode(Pod), field));

    [Fact]
    public void A_pod_is_validated_in_time()
    {
        var item = Strategies.Encode(Strategies.Defaulted("pods", Pod));
        Assert.NotNull(item.As<Pod>());
        var strategy = Strategies.Of("pods");
        for (var i = 0; i < 2000; i++)
        {
            strategy.ValidateCreate(item, new Kybernet.Api.Validation.FieldErrors());
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        strategy.ValidateCreate(item, new Kybernet.Api.Validation.FieldErrors());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Fact]
    public void An_affinity_terms_label_keys_stand_for_the_pods_own_labels()
    {
        var pod = Strategies.Tree("{'metadata':{'labels':{'hash':'a1'}},'spec':{'affinity':{'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'k','matchLabelKeys':['hash','none'],'labelSelector':{'matchLabels':{'app':'web'}}}]}}}}");
        Strategies.Of("pods").PrepareForCreate(pod, Strategies.Write);
        Assert.Equal(
            "[{\"key\":\"hash\",\"operator\":\"In\",\"values\":[\"a1\"]}]",
            pod["spec"]!["affinity"]!["podAntiAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]![0]!["labelSelector"]!["matchExpressions"]!.ToJsonString());
    }

    [Fact]
    public void A_running_pod_gets_ephemeral_containers_and_nothing_else_through_their_subresource()
    {
        var strategy = Strategies.Of("pods");
        var previous = Strategies.Tree(Pod);
        var pod = Strategies.Tree(Pod.Replace("'image':'i:1'", "'image':'i:2'").Replace("'nodeName':'n'", "'nodeName':'n','ephemeralContainers':[{'name':'debug','image':'d','targetContainerName':'a'}]"));
        strategy.PrepareForSubresourceUpdate("ephemeralcontainers", pod, previous, Strategies.Write);
        Assert.Equal("i:1", (string?)pod["spec"]!["containers"]![0]!["image"]);
        Assert.Equal("debug", (string?)pod["spec"]!["ephemeralContainers"]![0]!["name"]);
        var errors = new Kybernet.Api.Validation.FieldErrors();
        strategy.ValidateSubresourceUpdate("ephemeralcontainers", Strategies.Encode(pod), Strategies.Encode(previous), errors);
        Assert.Empty(errors.Items);
        pod["spec"]!["ephemeralContainers"]![0]!["targetContainerName"] = "nobody";
        strategy.ValidateSubresourceUpdate("ephemeralcontainers", Strategies.Encode(pod), Strategies.Encode(previous), errors);
        Assert.Equal(["spec.ephemeralContainers[0].targetContainerName: Not found: \"nobody\""], errors.Items.Select(error => error.ToString()));
    }

    [Fact]
    public void A_resize_changes_processor_and_memory_within_the_class_of_the_pod()
    {
        const string Burstable = "{'spec':{'nodeName':'n','containers':[{'name':'a','image':'i','resources':{'requests':{'cpu':'1'}}}]},'status':{'qosClass':'Burstable'}}";
        var strategy = Strategies.Of("pods");
        var errors = new Kybernet.Api.Validation.FieldErrors();
        strategy.ValidateSubresourceUpdate("resize", Strategies.Encode(Burstable.Replace("'cpu':'1'", "'cpu':'2'")), Strategies.Encode(Burstable), errors);
        Assert.Empty(errors.Items);
        strategy.ValidateSubresourceUpdate("resize", Strategies.Encode(Burstable.Replace("{'cpu':'1'}", "{}")), Strategies.Encode(Burstable), errors);
        Assert.Equal(
            ["spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing",
                "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"],
            errors.Items.Select(error => error.ToString()));
    }
}
