using System.Text;
using Kybernet.Kubelet.Logs;

namespace Kybernet.Kubelet.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kybernet-logs-").FullName;

    private string Log => Path.Combine(_folder, "0.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Lines_that_the_runtime_has_split_are_whole_again()
    {
        await File.WriteAllTextAsync(Log, "2026-01-01T00:00:00.1Z stdout P ab\n2026-01-01T00:00:00.2Z stdout F cd\n2026-01-01T00:00:00.3Z stderr F e\n", TestContext.Current.CancellationToken);

        Assert.Equal("abcd\ne\n", await ReadAsync(new LogRequest()));
        Assert.Equal("2026-01-01T00:00:00.1Z abcd\n2026-01-01T00:00:00.3Z e\n", await ReadAsync(new LogRequest { Timestamps = true }));
        Assert.Equal("e\n", await ReadAsync(new LogRequest { Stream = "stderr" }));
        Assert.Equal("e\n", await ReadAsync(new LogRequest { Since = DateTimeOffset.Parse("2026-01-01T00:00:00.25Z", null) }));
        Assert.Equal("abc", await ReadAsync(new LogRequest { LimitBytes = 3 }));
    }

    [Fact]
    public async Task The_last_lines_of_a_long_log_are_found()
    {
        var lines = Enumerable.Range(0, 20_000).Select(static i => $"2026-01-01T00:00:00Z stdout F line {i}\n");
        await File.WriteAllTextAsync(Log, string.Concat(lines), TestContext.Current.CancellationToken);

        Assert.Equal("line 19998\nline 19999\n", await ReadAsync(new LogRequest { TailLines = 2 }));
        Assert.Equal("", await ReadAsync(new LogRequest { TailLines = 0 }));
        Assert.StartsWith("line 15000\n", await ReadAsync(new LogRequest { TailLines = 5000 }), StringComparison.Ordinal);
        Assert.StartsWith("line 0\n", await ReadAsync(new LogRequest { TailLines = 50_000 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_goes_on_in_the_new_file_after_a_rotation()
    {
        await File.WriteAllTextAsync(Log, "2026-01-01T00:00:00Z stdout F old\n", TestContext.Current.CancellationToken);
        var step = 0;
        var output = new MemoryStream();
        await new LogReader(TimeProvider.System).CopyAsync(Log, new LogRequest { Follow = true }, output, _ =>
        {
            if (step++ == 0)
            {
                File.Move(Log, Log + ".1");
                File.WriteAllText(Log, "2026-01-01T00:00:01Z stdout F new and longer than the old one\n");
            }
            return Task.FromResult(step < 3);
        }, TestContext.Current.CancellationToken);

        Assert.Equal("old\nnew and longer than the old one\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    private async Task<string> ReadAsync(LogRequest request)
    {
        var output = new MemoryStream();
        await new LogReader(TimeProvider.System).CopyAsync(Log, request, output, static _ => Task.FromResult(false), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
