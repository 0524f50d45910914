using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Admission;

namespace Kybernet.Kubelet.Tests.Admission;

public sealed class PressureAdmissionTests
{
    private const string Taint = "node.kubernetes.io/memory-pressure";

    [Theory]
    [InlineData("", null)]
    [InlineData("MemoryPressure", "Evicted: The node had condition: [MemoryPressure]. ")]
    [InlineData("DiskPressure MemoryPressure", "Evicted: The node had condition: [DiskPressure MemoryPressure]. ")]
    [InlineData("PIDPressure", "Evicted: The node had condition: [PIDPressure]. ")]
    public void Who_asks_for_nothing_is_turned_away_by_every_shortage(string conditions, string? expected) => Assert.Equal(expected, Answer(new PodSpec(), conditions));

    [Fact]
    public void Who_asked_for_memory_or_tolerates_its_shortage_is_let_in_by_that_alone()
    {
        var asking = new PodSpec
        {
            Containers = [new Container { Name = "c", Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["memory"] = new(1) } } }],
        };
        var tolerating = new PodSpec { Tolerations = [new Toleration { Key = Taint, Operator = "Exists", Effect = "NoSchedule" }] };

        Assert.Null(Answer(asking, "MemoryPressure"));
        Assert.Null(Answer(tolerating, "MemoryPressure"));
        Assert.NotNull(Answer(asking, "DiskPressure MemoryPressure"));
        Assert.NotNull(Answer(tolerating, "DiskPressure"));
    }

    [Fact]
    public void Critical_pods_are_let_in() => Assert.Null(Answer(new PodSpec { Priority = 2_000_000_000 }, "DiskPressure MemoryPressure PIDPressure"));

    private static string? Answer(PodSpec spec, string conditions) =>
        PressureAdmission.FindProblem(new Pod { Spec = spec }, conditions.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is { } problem
            ? $"{problem.Reason}: {problem.Message}"
            : null;
}
