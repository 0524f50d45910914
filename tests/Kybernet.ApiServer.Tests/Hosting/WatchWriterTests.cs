using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Kybernet.Api;
using Kybernet.ApiServer.Hosting;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.Hosting;

public sealed class WatchWriterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Watcher _watcher = new(new WatchFilter(), [], capacity: 100, static _ => { });
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Task _running;
    private long _revision;

    public WatchWriterTests()
    {
        var response = new WatchResponse(_watcher, new NameEncoder(), static item => item, WantsBookmarks: false, TimeSpan.MaxValue);
        _running = new WatchWriter(_pipe.Writer, response, TimeSpan.FromMilliseconds(10), _time).RunAsync(_stop.Token);
    }

    [Fact]
    public async Task An_event_on_its_own_is_sent_at_once()
    {
        Happens("a");

        Assert.Equal("a", await ReadAsync());
    }

    [Fact]
    public async Task Events_that_follow_closely_are_sent_together_once_the_interval_is_over()
    {
        Happens("a");
        Assert.Equal("a", await ReadAsync());

        Happens("b");
        Happens("c");
        Assert.False(_pipe.Reader.TryRead(out _));
        // The writer may not have begun to wait yet, and would then wait from there on: time goes on until it has sent.
        var reading = ReadAsync();
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal("b c", await reading);
    }

    [Fact]
    public async Task A_bookmark_that_nobody_wants_is_not_sent()
    {
        _watcher.OfferBookmark(7);
        Happens("a");

        Assert.Equal("a", await ReadAsync());
    }

    [Fact]
    public async Task The_watch_ends_when_its_watcher_does_with_everything_sent()
    {
        Happens("a");
        _watcher.Complete();

        await _running;
        Assert.Equal("a", await ReadAsync());
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _watcher.Dispose();
    }

    private void Happens(string name)
    {
        var item = EncodedObject.Parse(Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{name}}}"}}"""));
        _watcher.Offer(new CacheEvent(item, null, IsDeletion: false, ++_revision));
    }

    /// <summary>The names of the objects in whatever was sent in one piece.</summary>
    private async Task<string> ReadAsync()
    {
        var read = await _pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        var lines = Encoding.UTF8.GetString(read.Buffer.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _pipe.Reader.AdvanceTo(read.Buffer.End);
        return string.Join(' ', lines.Select(static line => line.Split("\"object\":")[1].TrimEnd('}')));
    }

    private sealed class NameEncoder : WatchEncoder
    {
        protected override void WriteObject(IBufferWriter<byte> output, EncodedObject item) => output.Write(Encoding.UTF8.GetBytes(item.Key.Name));

        protected override string Bookmark(long revision, bool endsInitialEvents) => "bookmark";
    }
}
