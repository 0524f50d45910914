using System.Diagnostics;
using System.Net;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Looking into pods: logs, exec, attach, cp and port-forward, from every kubectl that there is.</summary>
public sealed class PodAccessTests(ClusterFixture cluster)
{
    public static IEnumerable<TheoryDataRow<string>> Versions => Kubectl.Versions.Select(static version => new TheoryDataRow<string>(version));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<Kubectl> StartPodAsync(string version)
    {
        var kubectl = (await cluster.KubectlAsync(Token)).OfVersion(version);
        await kubectl.RunAsync(Token, "run", "pod", "--image=kybernet.local/web:1.0", "--port=8080");
        await kubectl.RunAsync(Token, "wait", "--for=condition=Ready", "pod/pod", "--timeout=60s");
        return kubectl;
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Logs_are_read_and_followed(string version)
    {
        var kubectl = await StartPodAsync(version);

        Assert.Contains("web 1.0 on pod listens on port 8080", await kubectl.RunAsync(Token, "logs", "pod"), StringComparison.Ordinal);
        Assert.Contains("listens", await kubectl.RunAsync(Token, "logs", "pod", "--tail=10", "--timestamps"), StringComparison.Ordinal);

        using var follow = kubectl.Start("logs", "-f", "pod", "--tail=0");
        try
        {
            await PageUntilReadAsync(kubectl, follow.StandardOutput);
        }
        finally
        {
            follow.Kill();
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Exec_runs_commands_with_their_input_output_and_exit_code(string version)
    {
        var kubectl = await StartPodAsync(version);

        Assert.Equal("pod\n", await kubectl.RunAsync(Token, "exec", "pod", "--", "hostname"));
        var echoed = await kubectl.FeedAsync("through and back\n", Token, "exec", "-i", "pod", "--", "cat");
        Assert.Equal("through and back\n", echoed.Succeeded());
        var failed = await kubectl.TryAsync(Token, "exec", "pod", "--", "sh", "-c", "echo oops >&2; exit 7");
        Assert.Equal(7, failed.ExitCode);
        Assert.Contains("oops", failed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Exec_gives_a_terminal(string version)
    {
        var kubectl = await StartPodAsync(version);
        // script gives kubectl a terminal of its own, as a person's shell would.
        var program = $"KUBECONFIG={cluster.Program.Kubeconfig} {version} --namespace {kubectl.Namespace} exec -it pod -- sh";

        var result = await Shell.RunAsync(
            "/usr/bin/script", ["-qec", program, "/dev/null"], "tty; echo answer=$((6*7)); exit\n", new Dictionary<string, string>(), Token);

        Assert.Contains("/dev/pts/", result.Output, StringComparison.Ordinal);
        Assert.Contains("answer=42", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Files_are_copied_in_and_out(string version)
    {
        var kubectl = await StartPodAsync(version);
        var folder = Directory.CreateTempSubdirectory("kybernet-cp-");
        try
        {
            var there = Path.Combine(folder.FullName, "there.txt");
            var back = Path.Combine(folder.FullName, "back.txt");
            await File.WriteAllTextAsync(there, "carried\n", Token);

            await kubectl.RunAsync(Token, "cp", there, "pod:/tmp/carried.txt");
            Assert.Equal("carried\n", await kubectl.RunAsync(Token, "exec", "pod", "--", "cat", "/tmp/carried.txt"));
            await kubectl.RunAsync(Token, "cp", "pod:/tmp/carried.txt", back);
            Assert.Equal("carried\n", await File.ReadAllTextAsync(back, Token));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_forwarded_port_reaches_the_pod(string version)
    {
        var kubectl = await StartPodAsync(version);
        using var forward = kubectl.Start("port-forward", "pod/pod", ":8080");
        try
        {
            var line = await ReadLineAsync(forward, "Forwarding from 127.0.0.1:");
            var port = line.Split(':')[1].Split(' ')[0];
            using var http = new HttpClient();

            Assert.Contains("version: 1.0", await http.GetStringAsync(new Uri($"http://{IPAddress.Loopback}:{port}/"), Token), StringComparison.Ordinal);
            Assert.Equal("ok\n", await http.GetStringAsync(new Uri($"http://{IPAddress.Loopback}:{port}/healthz"), Token));
        }
        finally
        {
            forward.Kill();
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Attach_shows_what_the_container_prints(string version)
    {
        var kubectl = await StartPodAsync(version);
        using var attached = kubectl.Start("attach", "pod");
        try
        {
            await PageUntilReadAsync(kubectl, attached.StandardError);
        }
        finally
        {
            attached.Kill();
        }
    }

    /// <summary>Asks for pages until one is told of: a line is printed for each, and those from before the connection stood are not seen.</summary>
    private static async Task PageUntilReadAsync(Kubectl kubectl, StreamReader output)
    {
        var reading = FindLineAsync(output, "response:200");
        while (!reading.IsCompleted)
        {
            await kubectl.HealthAsync("pod", Token);
        }
        Assert.NotNull(await reading);
    }

    private static async Task<string> ReadLineAsync(Process process, string part)
    {
        if (await FindLineAsync(process.StandardOutput, part) is { } line)
        {
            return line;
        }
        Assert.Fail($"it ended without printing \"{part}\": {await process.StandardError.ReadToEndAsync(Token)}");
        return "";
    }

    /// <summary>The first line that has the part in it; null where the output ends before.</summary>
    private static async Task<string?> FindLineAsync(StreamReader output, string part)
    {
        while (await output.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token) is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return line;
            }
        }
        return null;
    }
}
