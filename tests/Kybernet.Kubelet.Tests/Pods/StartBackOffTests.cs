using Kybernet.Kubelet.Pods;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Kubelet.Tests.Pods;

public sealed class StartBackOffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Waits_double_up_to_their_bound_and_are_forgotten_after_a_good_while()
    {
        var backOff = new StartBackOff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), _time);
        var waits = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            backOff.Next("key", _time.GetUtcNow());
            waits.Add(backOff.Delay("key").TotalSeconds);
        }
        Assert.Equal([10, 20, 40, 80, 160, 300, 300], waits);

        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(backOff.RemainingSince("key", _time.GetUtcNow()) <= TimeSpan.Zero);
        backOff.Next("key", _time.GetUtcNow());
        Assert.Equal(10, backOff.Delay("key").TotalSeconds);
    }

    [Fact]
    public void What_remains_is_counted_from_the_end_of_the_last_run()
    {
        var backOff = new StartBackOff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), _time);
        backOff.Next("key", _time.GetUtcNow());
        var ended = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(6, backOff.RemainingSince("key", ended).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, backOff.RemainingSince("other", ended));
        backOff.Forget("ke");
        Assert.Equal(TimeSpan.Zero, backOff.RemainingSince("key", ended));
    }
}
