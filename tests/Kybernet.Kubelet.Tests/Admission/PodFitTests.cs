using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Admission;

namespace Kybernet.Kubelet.Tests.Admission;

public sealed class PodFitTests
{
    private static readonly Node Machine = new()
    {
        Metadata = new ObjectMeta { Name = "here", Labels = new Dictionary<string, string> { ["zone"] = "a" } },
        Status = new NodeStatus
        {
            Allocatable = new Dictionary<string, Quantity> { ["cpu"] = new(2), ["memory"] = new(1000), ["pods"] = new(3), ["example.org/gpu"] = new(1) },
        },
    };

    [Theory]
    [InlineData("cpu", 1500, null)]
    [InlineData("cpu", 1600, "OutOfcpu: Node didn't have enough resource: cpu, requested: 1600, used: 500, capacity: 2000")]
    [InlineData("example.org/gpu", 2000, "OutOfexample.org/gpu: Node didn't have enough resource: example.org/gpu, requested: 2, used: 0, capacity: 1")]
    [InlineData("example.org/unknown", 2000, null)]
    [InlineData("hugepages-2Mi", 2000, "OutOfhugepages-2Mi: Node didn't have enough resource: hugepages-2Mi, requested: 2, used: 0, capacity: 0")]
    public void What_others_have_cannot_be_given_again(string resource, long milli, string? expected)
    {
        var problem = PodFit.FindProblem(Asking(resource, milli), [Asking("cpu", 500)], Machine);

        Assert.Equal(expected, problem is { } found ? $"{found.Reason}: {found.Message}" : null);
    }

    [Fact]
    public void There_are_only_so_many_places()
    {
        var others = Enumerable.Repeat(Asking("memory", 0), 3).ToArray();

        Assert.Equal("Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3", PodFit.FindProblem(Asking("cpu", 1), others, Machine)?.Message);
    }

    [Fact]
    public void A_node_that_repels_running_pods_takes_only_those_that_tolerate_it()
    {
        var repelling = Machine with { Spec = new NodeSpec { Taints = [new Taint { Key = "gone", Effect = "NoExecute" }, new Taint { Key = "busy", Effect = "NoSchedule" }] } };
        var pod = Asking("cpu", 1);

        Assert.Equal("Predicate TaintToleration failed: node(s) had untolerated taint(s)", PodFit.FindProblem(pod, [], repelling)?.Message);
        Assert.Null(PodFit.FindProblem(pod with { Spec = pod.Spec with { Tolerations = [new Toleration { Key = "gone", Operator = "Exists" }] } }, [], repelling));
    }

    private static Pod Asking(string resource, long milli) => new()
    {
        Spec = new PodSpec
        {
            Containers = [new Container { Name = "main", Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { [resource] = Quantity.FromMilli(milli) } } }],
        },
    };
}
