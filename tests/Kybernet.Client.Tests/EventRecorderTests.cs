using Kybernet.Api.Core.V1;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Client.Tests;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeApi _api;
    private readonly EventRecorder _recorder;
    private Task _running = Task.CompletedTask;

    public EventRecorderTests()
    {
        _api = new FakeApi(_time);
        _recorder = new EventRecorder(_api.Client, "tester", "host", _time, NullLogger.Instance);
    }

    public ValueTask InitializeAsync()
    {
        _running = _recorder.RunAsync(_stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _stop.Dispose();
    }

    [Fact]
    public async Task An_event_that_comes_again_is_counted_up()
    {
        Record("Pulled", "the same");
        _time.Advance(TimeSpan.FromSeconds(3));
        Record("Pulled", "the same");
        Record("Pulled", "the same");
        await Eventually.TrueAsync(() => Events() is [{ Count: 3 }], "it is counted");
        var only = Events()[0];
        Assert.Equal(TimeSpan.FromSeconds(3), only.LastTimestamp - only.FirstTimestamp);
        Assert.Equal(("tester", "host", "tester", "Normal"), (only.Source!.Component!, only.Source.Host!, only.ReportingComponent!, only.Type!));
        Assert.StartsWith("pod.", only.Metadata.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_events_that_differ_in_their_message_become_one()
    {
        for (var i = 0; i < 14; i++)
        {
            Record("Failed", $"number {i}");
        }
        await Eventually.TrueAsync(() => Events().Any(known => known.Count == 5), "they are combined");
        Assert.Equal(10, Events().Count);
        Assert.Equal("(combined from similar events): number 13", Events().Single(known => known.Count == 5).Message);
    }

    [Fact]
    public async Task One_object_gets_so_many_events_at_once_and_no_more()
    {
        for (var i = 0; i < 40; i++)
        {
            Record($"Reason{i}", "a message");
        }
        Record("Other", "a message", "other");
        await Eventually.TrueAsync(() => Events().Any(known => known.Reason == "Other"), "the last is written");
        Assert.Equal(26, Events().Count);
    }

    [Fact]
    public async Task An_event_that_is_gone_is_made_anew()
    {
        Record("Pulled", "the same");
        await Eventually.TrueAsync(() => Events().Count == 1, "it is there");
        await _api.Client.DeleteAsync<Event>("a", Events()[0].Metadata.Name!, Api.Meta.V1.DeleteOptions.Empty, TestContext.Current.CancellationToken);
        Record("Pulled", "the same");
        await Eventually.TrueAsync(() => Events() is [{ Count: 2 }], "it is there again");
    }

    private void Record(string reason, string message, string name = "pod") =>
        _recorder.Record(new ObjectReference { ApiVersion = "v1", Kind = "Pod", Namespace = "a", Name = name, Uid = name }, EventType.Normal, reason, message);

    private IReadOnlyList<Event> Events() => _api.Client.ListAsync<Event>("a", ListSelection.All, CancellationToken.None).GetAwaiter().GetResult();
}
