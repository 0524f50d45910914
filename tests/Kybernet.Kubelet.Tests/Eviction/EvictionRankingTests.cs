using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Tests.Eviction;

public sealed class EvictionRankingTests
{
    [Fact]
    public void Whoever_uses_more_than_it_asked_for_goes_first_then_the_less_important_then_the_one_with_most_beyond_its_request()
    {
        var ranked = EvictionRanking.Rank(
            [
                Pod("within", priority: 0, request: 100, usage: 90),
                Pod("slightly", priority: 0, request: 100, usage: 110),
                Pod("important", priority: 10, request: 0, usage: 500),
                Pod("critical", priority: 2_000_000_000, request: 0, usage: 900),
                Pod("far", priority: 0, request: 100, usage: 300),
            ],
            EvictionSignal.Memory);

        Assert.Equal(["far", "slightly", "important", "within"], ranked.Select(static pod => pod.Pod.Metadata.Name));
    }

    [Theory]
    [InlineData("100Mi", 100L << 20)]
    [InlineData("10%", 100L)]
    public void A_threshold_is_an_amount_or_a_share(string text, long amount)
    {
        var threshold = Assert.Single(EvictionThreshold.Of(Hard("memory.available", text)));

        Assert.Equal(amount, threshold.Amount.Of(1000));
    }

    [Theory]
    [InlineData("memory.left", "1Gi")]
    [InlineData("memory.available", "101%")]
    [InlineData("memory.available", "much")]
    public void What_is_no_threshold_is_refused(string signal, string text) =>
        Assert.ThrowsAny<FormatException>(() => EvictionThreshold.Of(Hard(signal, text)));

    [Theory]
    [InlineData("0%")]
    [InlineData("100%")]
    public void A_threshold_of_nothing_or_everything_is_switched_off(string text) => Assert.Empty(EvictionThreshold.Of(Hard("nodefs.available", text)));

    [Fact]
    public void A_soft_threshold_needs_a_grace()
    {
        var options = new Thresholds { EvictionSoft = new Dictionary<string, string> { ["nodefs.available"] = "20%" } }.ToOptions();

        var exception = Assert.Throws<FormatException>(() => EvictionThreshold.Of(options));

        Assert.Equal("grace period must be specified for the soft eviction threshold nodefs.available", exception.Message);
    }

    private static KubeletOptions Hard(string signal, string text) => new Thresholds { EvictionHard = new Dictionary<string, string> { [signal] = text } }.ToOptions();

    private static PodConsumption Pod(string name, int priority, long request, long usage) => new(
        new Pod
        {
            Metadata = new ObjectMeta { Name = name },
            Spec = new PodSpec
            {
                Priority = priority,
                Containers = [new Container { Name = "c", Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["memory"] = new(request) } } }],
            },
        },
        [new ContainerUsage("id", new PodIdentity("default", name, name), "c") { WorkingSetBytes = (ulong)usage }]);
}
