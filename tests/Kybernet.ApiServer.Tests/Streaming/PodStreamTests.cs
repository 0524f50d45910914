using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Kybernet.ApiServer.Streaming;
using Kybernet.ApiServer.Streaming.Spdy;

namespace Kybernet.ApiServer.Tests.Streaming;

public sealed class PodStreamTests : IAsyncLifetime
{
    private StreamingServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamingServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Logs_are_passed_on_with_their_options()
    {
        var logs = await _server.Http.GetStringAsync(
            new Uri("/api/v1/namespaces/default/pods/web/log?tailLines=5&follow=true&timestamps=false", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("one\ntwo\n", logs);
        Assert.Contains(_server.Kubelet.Requests, request => request is ("/containerLogs/default/web/c?follow=true&tailLines=5", true));
    }

    [Theory]
    [InlineData("web/log?previous=true", 400, "previous terminated container \\\"c\\\" in pod \\\"web\\\" not found")]
    [InlineData("web/log?container=x", 400, "container x is not valid for pod web")]
    [InlineData("waiting/log", 400, "a container name must be specified for pod waiting, choose one of: [a b]")]
    [InlineData("nobody/log", 404, "pods \\\"nobody\\\" not found")]
    [InlineData("web/exec?command=ls", 400, "you must specify at least 1 of stdin, stdout, stderr")]
    [InlineData("web/exec?command=ls&stdout=true", 400, "Upgrade request required")]
    [InlineData("waiting/portforward", 400, "pod waiting does not have a host assigned")]
    public async Task What_cannot_be_had_is_refused_in_upstreams_words(string path, int code, string message)
    {
        using var response = await _server.Http.GetAsync(new Uri($"/api/v1/namespaces/default/pods/{path}", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode)code, response.StatusCode);
        Assert.Contains(message, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_of_a_pod_without_a_node_are_empty() => Assert.Equal("", await _server.Http.GetStringAsync(
        new Uri("/api/v1/namespaces/default/pods/waiting/log?container=a", UriKind.Relative), TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    public async Task A_command_is_run_over_channels_and_its_exit_code_comes_back(string protocol)
    {
        using var socket = await _server.ConnectAsync("exec", "command=sh&command=-c&stdin=true&stdout=true&stderr=true", protocol);
        await SendAsync(socket, 0, "hello"u8.ToArray());
        Assert.Equal("HELLO", await ReadTextAsync(socket, 1));
        await SendAsync(socket, 255, [0]);

        var rest = await ReadToEndAsync(socket);

        Assert.Equal("bye", rest[2]);
        Assert.Contains("\"reason\":\"ExitCode\",\"message\":\"3\"", rest[3], StringComparison.Ordinal);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        Assert.Contains(_server.Kubelet.Requests, request => request.Target == "/exec/default/web/c?input=1&output=1&error=1&command=sh&command=-c");
    }

    [Fact]
    public async Task A_terminal_has_sizes_and_no_errors_of_its_own()
    {
        using var socket = await _server.ConnectAsync("attach", "stdin=true&stdout=true&stderr=true&tty=true", "v4.channel.k8s.io");
        await SendAsync(socket, 4, """{"Width":80,"Height":24}"""u8.ToArray());
        await SendAsync(socket, 0, "x"u8.ToArray());

        Assert.Equal("X", await ReadTextAsync(socket, 1));
        Assert.Equal(["""{"Width":80,"Height":24}"""], _server.Kubelet.Sizes);
        Assert.Contains(_server.Kubelet.Requests, request => request.Target == "/attach/default/web/c?input=1&output=1&tty=1");
    }

    [Fact]
    public async Task Large_input_arrives_whole()
    {
        using var socket = await _server.ConnectAsync("exec", "command=cat&stdin=true&stdout=true", "v5.channel.k8s.io");
        var sent = new byte[300_000];
        Array.Fill(sent, (byte)'a');
        await SendAsync(socket, 0, sent);
        await SendAsync(socket, 255, [0]);

        Assert.Equal(new string('A', sent.Length), (await ReadToEndAsync(socket))[1]);
    }

    [Fact]
    public async Task Base64_channels_are_understood()
    {
        using var socket = await _server.ConnectAsync("exec", "command=cat&stdin=true&stdout=true", "v4.base64.channel.k8s.io");
        await socket.SendAsync(Encoding.ASCII.GetBytes("0" + Convert.ToBase64String("hi"u8)), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

        var buffer = new byte[100];
        Assert.Equal(1, (await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken)).Count); // the greeting
        var message = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
        Assert.Equal("1" + Convert.ToBase64String("HI"u8), Encoding.ASCII.GetString(buffer, 0, message.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stock_kubectl_runs_a_command(bool overWebSocket)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kubectl"), "kubectl is not installed");
        _server.UsesWebSockets = overWebSocket;

        var (code, output, error) = await _server.KubectlAsync("hello", "exec", "-i", "web", "--", "anything");

        Assert.True(output == "HELLO", error);
        Assert.Contains("bye", error, StringComparison.Ordinal);
        Assert.Contains("command terminated with exit code 3", error, StringComparison.Ordinal);
        Assert.Equal(3, code);
    }

    [Fact]
    public async Task A_port_is_forwarded_by_SPDY_inside_of_a_WebSocket()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var spdy = new SpdyConnection(new TunnelStream(await _server.TunnelAsync("portforward", "ports=8080", "SPDY/3.1+portforward.k8s.io")));
        await spdy.OpenAsync([new("streamtype", "error"), new("port", "8080"), new("requestid", "0")], cancellationToken);
        var data = await spdy.OpenAsync([new("streamtype", "data"), new("port", "8080"), new("requestid", "0")], cancellationToken);
        await spdy.SendAsync(data, "ping"u8.ToArray(), isFinal: false, cancellationToken);

        await foreach (var frame in spdy.ReadAsync(cancellationToken))
        {
            if (frame.Kind == SpdyFrameKind.Data)
            {
                Assert.Equal("ping", Encoding.UTF8.GetString(frame.Payload.Span));
                break;
            }
        }
        Assert.Contains(_server.Kubelet.Requests, request => request.Target == "/portForward/default/web?port=8080");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stock_kubectl_forwards_a_port(bool overWebSocket)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kubectl"), "kubectl is not installed");
        var cancellationToken = TestContext.Current.CancellationToken;
        var patience = TimeSpan.FromSeconds(20);
        _server.UsesWebSockets = overWebSocket;
        using var kubectl = await _server.StartKubectlAsync("port-forward", "web", ":8080");
        try
        {
            var line = await kubectl.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(patience, cancellationToken);
            var port = int.Parse(line!.Split("127.0.0.1:")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            using var client = new TcpClient(AddressFamily.InterNetwork);
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).AsTask().WaitAsync(patience, cancellationToken);
            await client.GetStream().WriteAsync("ping"u8.ToArray(), cancellationToken);
            var answer = new byte[4];
            await client.GetStream().ReadExactlyAsync(answer, cancellationToken).AsTask().WaitAsync(patience, cancellationToken);
            Assert.Equal("ping", Encoding.UTF8.GetString(answer));
        }
        finally
        {
            kubectl.Kill(entireProcessTree: true);
            await kubectl.WaitForExitAsync(cancellationToken);
        }
    }

    [Fact]
    public async Task Stock_kubectl_says_who_it_is_and_what_it_may()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kubectl"), "kubectl is not installed");

        var whoami = await _server.KubectlAsync("", "auth", "whoami", "-o", "yaml");
        Assert.Contains("username: admin", whoami.Output, StringComparison.Ordinal);
        var list = await _server.KubectlAsync("", "auth", "can-i", "--list");
        Assert.Matches(@"(?m)^\*\.\* +\[\] +\[\] +\[\*\]", list.Output);
        var asAnother = await _server.KubectlAsync("", "auth", "can-i", "list", "pods", "--as", "alice");
        Assert.Equal("no", asAnother.Output.Trim());
        var forbidden = await _server.KubectlAsync("", "get", "pods", "--as", "alice");
        Assert.Contains("pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", forbidden.Error, StringComparison.Ordinal);
        var token = await _server.KubectlAsync("", "create", "token", "default");
        Assert.Equal(3, token.Output.Trim().Split('.').Length);
    }

    private static Task SendAsync(ClientWebSocket socket, byte channel, byte[] payload) =>
        socket.SendAsync((byte[])[channel, .. payload], WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);

    private static async Task<string> ReadTextAsync(ClientWebSocket socket, byte channel)
    {
        while (true)
        {
            var (from, text) = await ReadMessageAsync(socket);
            Assert.Equal(channel, from);
            if (text.Length > 0)
            {
                return text;
            }
        }
    }

    private static async Task<Dictionary<int, string>> ReadToEndAsync(ClientWebSocket socket)
    {
        var texts = new Dictionary<int, string>();
        while (true)
        {
            var (channel, text) = await ReadMessageAsync(socket);
            if (channel < 0)
            {
                return texts;
            }
            texts[channel] = texts.GetValueOrDefault(channel, "") + text;
        }
    }

    private static async Task<(int Channel, string Text)> ReadMessageAsync(ClientWebSocket socket)
    {
        var message = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return (-1, "");
            }
            message.AddRange(buffer.AsSpan(0, received.Count));
            if (received.EndOfMessage)
            {
                return (message[0], Encoding.UTF8.GetString(message.ToArray().AsSpan(1)));
            }
        }
    }
}
