using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Shutdown;

namespace Kybernet.Kubelet.Tests.Shutdown;

public sealed class ShutdownOrderTests
{
    private static readonly KubeletOptions Options = new() { NodeName = "n", RootDirectory = "/root", RuntimeEndpoint = "unix:///r", NodeIP = "192.0.2.1" };

    [Fact]
    public void Critical_pods_have_the_end_of_the_time() => Assert.Equal(
        [new ShutdownPeriod(0, TimeSpan.FromSeconds(20)), new ShutdownPeriod(2_000_000_000, TimeSpan.FromSeconds(10))],
        ShutdownOrder.PeriodsOf(Options with { ShutdownGrace = TimeSpan.FromSeconds(30), ShutdownGraceCritical = TimeSpan.FromSeconds(10) }));

    [Fact]
    public void Nothing_is_held_up_unless_it_is_asked_for() => Assert.Empty(ShutdownOrder.PeriodsOf(Options));

    [Fact]
    public void A_pod_is_of_the_highest_period_that_it_reaches_and_one_below_all_is_of_the_lowest()
    {
        var periods = ShutdownOrder.PeriodsOf(Options with { ShutdownPeriods = [new(1000, TimeSpan.FromSeconds(1)), new(10, TimeSpan.FromSeconds(2)), new(100, TimeSpan.FromSeconds(3))] });

        var groups = ShutdownOrder.Group(periods, [Pod("none", null), Pod("ten", 10), Pod("almost", 99), Pod("hundred", 100), Pod("above", 5000)]);

        Assert.Equal([10, 100, 1000], groups.Select(static group => group.Period.Priority));
        Assert.Equal(["none ten almost", "hundred", "above"], groups.Select(static group => string.Join(' ', group.Pods.Select(static pod => pod.Metadata.Name))));
    }

    private static Pod Pod(string name, int? priority) => new() { Metadata = new ObjectMeta { Name = name }, Spec = new PodSpec { Priority = priority } };
}
