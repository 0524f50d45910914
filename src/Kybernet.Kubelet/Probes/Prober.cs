using System.Net.Sockets;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Lifecycle;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Probes;

/// <summary>Asks a container once how it is.</summary>
internal sealed class Prober(IContainerRuntime runtime, HttpCaller http, GrpcHealth grpc, PodEvents events, TimeProvider time)
{
    private const string UserAgent = "kube-probe/1.36";
    private const int MaxOutput = 10 << 10;

    /// <summary>Whether it answered as it should; tells as an event where it did not.</summary>
    public async Task<bool> ProbeAsync(ProbeKind kind, Probe probe, ProbeSubject subject, CancellationToken cancellationToken)
    {
        var timeout = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        string? problem;
        try
        {
            problem = await FindProblemAsync(probe, subject, timeout, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            problem = TimeoutProblem(probe, subject, timeout);
        }
        catch (Exception exception) when (exception is HttpRequestException or FormatException or IOException)
        {
            problem = exception.Message;
        }
        catch (ContainerRuntimeException exception)
        {
            // The runtime's trouble, not the container's: neither success nor failure would be true; upstream counts it as failure.
            events.Warning(subject.Pod, subject.Container, "Unhealthy", $"{kind} probe errored and resulted in Unknown state: {exception.Message}");
            return false;
        }
        if (problem is null)
        {
            return true;
        }
        events.Warning(subject.Pod, subject.Container, "Unhealthy", $"{kind} probe failed: {problem}");
        return false;
    }

    private async Task<string?> FindProblemAsync(Probe probe, ProbeSubject subject, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var container = subject.Container.Container;
        if (probe.Exec is { } exec)
        {
            return await ExecAsync(exec, subject, timeout, cancellationToken);
        }
        if (probe.HttpGet is { } get)
        {
            var finding = await http.GetAsync(ProbeTarget.Url(get, container, subject.PodAddress), get.HttpHeaders, UserAgent, cancellationToken);
            return finding.StatusCode is >= 200 and < 400 ? null : $"HTTP probe failed with statuscode: {finding.StatusCode}";
        }
        if (probe.TcpSocket is { } tcp)
        {
            return await TcpAsync(tcp.Host is { Length: > 0 } host ? host : subject.PodAddress, ProbeTarget.Port(tcp.Port, container), cancellationToken);
        }
        return probe.Grpc is { } health
            ? await grpc.FindProblemAsync(subject.PodAddress, health.Port, health.Service ?? "", timeout, cancellationToken)
            : null;
    }

    private async Task<string?> ExecAsync(ExecAction action, ProbeSubject subject, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            // The runtime keeps the time, and kills the command when it is over.
            var result = await runtime.ExecAsync(subject.Instance!.Id, action.Command, timeout, cancellationToken);
            return result.ExitCode == 0 ? null : OutputOf(result);
        }
        catch (TimeoutException)
        {
            return $"command timed out: \"{string.Join(' ', action.Command)}\" timed out after {timeout.TotalSeconds:0}s";
        }
    }

    private static string OutputOf(ExecResult result)
    {
        var bytes = result.Output.Concat(result.Error).Take(MaxOutput).ToArray();
        return Encoding.UTF8.GetString(bytes);
    }

    private static async Task<string?> TcpAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return null;
        }
        catch (SocketException exception)
        {
            return $"dial tcp {host}:{port}: connect: {HttpCaller.DialProblem(exception)}";
        }
    }

    private static string TimeoutProblem(Probe probe, ProbeSubject subject, TimeSpan timeout)
    {
        var container = subject.Container.Container;
        if (probe.HttpGet is { } get)
        {
            return $"Get \"{ProbeTarget.Url(get, container, subject.PodAddress)}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        }
        if (probe.TcpSocket is { } tcp)
        {
            return $"dial tcp {(tcp.Host is { Length: > 0 } host ? host : subject.PodAddress)}:{ProbeTarget.Port(tcp.Port, container)}: i/o timeout";
        }
        if (probe.Grpc is { } grpc)
        {
            return $"timeout: failed to connect service \"{subject.PodAddress}:{grpc.Port}\" within {timeout.TotalSeconds:0}s: context deadline exceeded";
        }
        return $"command timed out: \"{string.Join(' ', probe.Exec?.Command ?? [])}\" timed out after {timeout.TotalSeconds:0}s";
    }
}
