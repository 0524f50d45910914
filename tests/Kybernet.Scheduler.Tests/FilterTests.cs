namespace Kybernet.Scheduler.Tests;

public sealed class FilterTests
{
    public static TheoryData<string, string, string> Refusals => new()
    {
        { """{"nodeName":""}""", """{"unschedulable":true}""", "node(s) were unschedulable" },
        { "{}", """{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]}""", "node(s) had untolerated taint(s)" },
        { "{}", """{"taints":[{"key":"k","effect":"NoExecute"}]}""", "node(s) had untolerated taint(s)" },
        {
            """{"tolerations":[{"key":"k","value":"other"}]}""",
            """{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]}""",
            "node(s) had untolerated taint(s)"
        },
        { """{"nodeSelector":{"disk":"nvme"}}""", "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Requests("5", "1Gi"), "{}", "Insufficient cpu" },
        { Requests("1", "9Gi"), "{}", "Insufficient memory" },
        { Requests("5", "9Gi"), "{}", "Insufficient cpu,Insufficient memory" },
        { """{"containers":[{"name":"c","resources":{"requests":{"ephemeral-storage":"21Gi"}}}]}""", "{}", "Insufficient ephemeral-storage" },
        { """{"containers":[{"name":"c","resources":{"requests":{"example.com/gpu":"2"}}}]}""", "{}", "Insufficient example.com/gpu" },
        { """{"containers":[{"name":"c","resources":{"requests":{"hugepages-2Mi":"4Mi"}}}]}""", "{}", "Insufficient hugepages-2Mi" },
        { Affinity("zone", "In", "b"), "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Affinity("zone", "NotIn", "a"), "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Affinity("nothing", "Exists"), "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Affinity("zone", "DoesNotExist"), "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Affinity("cores", "Gt", "8"), "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Affinity("cores", "Lt", "8"), "{}", "node(s) didn't match Pod's node affinity/selector" },
        { Affinity("zone", "Gt", "8"), "{}", "node(s) didn't match Pod's node affinity/selector" },
    };

    public static TheoryData<string, string> Acceptances => new()
    {
        { "{}", "{}" },
        { "{}", """{"taints":[{"key":"k","effect":"PreferNoSchedule"}]}""" },
        { """{"tolerations":[{"key":"k","operator":"Exists"}]}""", """{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]}""" },
        { """{"tolerations":[{"operator":"Exists"}]}""", """{"taints":[{"key":"k","value":"v","effect":"NoExecute"}]}""" },
        { """{"tolerations":[{"key":"k","value":"v","effect":"NoSchedule"}]}""", """{"taints":[{"key":"k","value":"v","effect":"NoSchedule"}]}""" },
        { """{"tolerations":[{"key":"node.kubernetes.io/unschedulable","operator":"Exists"}]}""", """{"unschedulable":true}""" },
        { """{"nodeSelector":{"zone":"a","cores":"8"}}""", "{}" },
        { Affinity("zone", "In", "b", "a"), "{}" },
        { Affinity("zone", "NotIn", "b"), "{}" },
        { Affinity("nothing", "NotIn", "b"), "{}" },
        { Affinity("zone", "Exists"), "{}" },
        { Affinity("nothing", "DoesNotExist"), "{}" },
        { Affinity("cores", "Gt", "7"), "{}" },
        { Affinity("cores", "Lt", "9"), "{}" },
        { Requests("4", "8Gi"), "{}" },
        { """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"In","values":["b"]}]},{"matchExpressions":[{"key":"cores","operator":"Exists"}]}]}}}}""", "{}" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_node_that_does_not_fit_is_refused_for_its_reasons(string podSpec, string nodeSpec, string reasons)
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1", labels: """{"zone":"a","cores":"8"}""", spec: nodeSpec));
        world.Add(Objects.Pod("p", podSpec));
        await world.ScheduleAsync();

        Assert.Equal("", world.NodeOf("p"));
        var expected = string.Join(", ", reasons.Split(',').Select(reason => "1 " + reason));
        Assert.StartsWith($"0/1 nodes are available: {expected}. preemption: ", world.MessageOf("p"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Acceptances))]
    public async Task A_node_that_fits_gets_the_pod(string podSpec, string nodeSpec)
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1", labels: """{"zone":"a","cores":"8"}""", spec: nodeSpec));
        world.Add(Objects.Pod("p", podSpec));
        await world.ScheduleAsync();

        Assert.Equal("n1", world.NodeOf("p"));
    }

    [Fact]
    public async Task A_node_that_is_full_of_pods_is_refused()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1", """{"pods":"1"}"""));
        world.Add(Objects.Pod("p1", """{"containers":[{"name":"c"}]}"""));
        world.Add(Objects.Pod("p2", """{"containers":[{"name":"c"}]}"""));
        await world.ScheduleAsync();

        Assert.Equal(
            "0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            world.MessageOf("p2"));
    }

    [Theory]
    [InlineData("", "TCP", "", "TCP", false)]
    [InlineData("", "TCP", "", "UDP", true)]
    [InlineData("127.0.0.1", "TCP", "127.0.0.2", "TCP", true)]
    [InlineData("127.0.0.1", "TCP", "127.0.0.1", "TCP", false)]
    [InlineData("0.0.0.0", "TCP", "127.0.0.1", "TCP", false)]
    [Trait("Conformance", "scheduling-hostport-and-protocol-match-hostips-different-but-one-is-default-hostip-0-0-0-0")]
    public async Task A_host_port_is_taken_once_for_a_protocol_and_address(string ip1, string protocol1, string ip2, string protocol2, bool fits)
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Pod("p1", Port(ip1, protocol1)));
        world.Add(Objects.Pod("p2", Port(ip2, protocol2)));
        await world.ScheduleAsync();

        Assert.Equal("n1", world.NodeOf("p1"));
        Assert.Equal(fits ? "n1" : "", world.NodeOf("p2"));
        if (!fits)
        {
            Assert.Contains("1 node(s) didn't have free ports for the requested pod ports.", world.MessageOf("p2"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pod_pinned_to_a_node_by_its_name_goes_there_or_nowhere()
    {
        using var world = new TestWorld();
        world.Add(Objects.Node("n1"));
        world.Add(Objects.Node("n2"));
        world.Add(Objects.Pod("p1", Pinned("n2")));
        world.Add(Objects.Pod("p2", Pinned("n3")));
        await world.ScheduleAsync();

        Assert.Equal("n2", world.NodeOf("p1"));
        Assert.Equal(
            "0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
            + "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            world.MessageOf("p2"));
    }

    private static string Requests(string cpu, string memory) =>
        """{"containers":[{"name":"c","resources":{"requests":{"cpu":"CPU","memory":"MEMORY"}}}]}""".Replace("CPU", cpu).Replace("MEMORY", memory);

    private static string Affinity(string key, string @operator, params string[] values) =>
        """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"KEY","operator":"OPERATOR","values":[VALUES]}]}]}}}}"""
            .Replace("KEY", key)
            .Replace("OPERATOR", @operator)
            .Replace("VALUES", string.Join(',', values.Select(value => $"\"{value}\"")));

    private static string Pinned(string node) =>
        """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["NODE"]}]}]}}}}"""
            .Replace("NODE", node);

    private static string Port(string ip, string protocol) =>
        """{"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":8080,"hostIP":"IP","protocol":"PROTOCOL"}]}]}"""
            .Replace("\"IP\"", $"\"{ip}\"")
            .Replace("PROTOCOL", protocol);
}
