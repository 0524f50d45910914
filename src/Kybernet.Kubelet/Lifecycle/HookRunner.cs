using System.Net.Sockets;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Lifecycle;

/// <summary>Thrown where a container's hook failed.</summary>
internal sealed class HookException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Runs what a container wants done after its start and before its end.</summary>
internal sealed class HookRunner(IContainerRuntime runtime, HttpCaller http, TimeProvider time)
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs a hook to its end.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="container">The container.</param>
    /// <param name="containerId">Its instance.</param>
    /// <param name="podAddress">The pod's address.</param>
    /// <param name="cancellationToken">Ends it when its time is over.</param>
    /// <exception cref="HookException">It failed.</exception>
    public async Task RunAsync(LifecycleHandler hook, Container container, string containerId, string podAddress, CancellationToken cancellationToken)
    {
        if (hook.Exec is { } exec)
        {
            await ExecAsync(exec, containerId, cancellationToken);
        }
        else if (hook.HttpGet is { } get)
        {
            await HttpAsync(get, container, podAddress, cancellationToken);
        }
        else if (hook.TcpSocket is { } tcp)
        {
            await TcpAsync(tcp, container, podAddress, cancellationToken);
        }
        else if (hook.Sleep is { } sleep)
        {
            await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), time, cancellationToken);
        }
    }

    private async Task ExecAsync(ExecAction action, string containerId, CancellationToken cancellationToken)
    {
        try
        {
            var result = await runtime.ExecAsync(containerId, action.Command, TimeSpan.Zero, cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new HookException(
                    $"Exec lifecycle hook ([{string.Join(' ', action.Command)}]) failed - error: command '{string.Join(' ', action.Command)}' exited with "
                    + $"{result.ExitCode}: {Encoding.UTF8.GetString(result.Error)}, message: \"{Encoding.UTF8.GetString(result.Output)}\"");
            }
        }
        catch (ContainerRuntimeException exception)
        {
            throw new HookException(exception.Message, exception);
        }
    }

    private async Task HttpAsync(HTTPGetAction action, Container container, string podAddress, CancellationToken cancellationToken)
    {
        try
        {
            var finding = await http.GetAsync(ProbeTarget.Url(action, container, podAddress), action.HttpHeaders, "kube-lifecycle/1.36", cancellationToken);
            if (finding.StatusCode is < 200 or >= 400)
            {
                throw new HookException($"HTTP lifecycle hook ({action.Path}) failed with statuscode: {finding.StatusCode}");
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or FormatException)
        {
            throw new HookException(exception.Message, exception);
        }
    }

    private async Task TcpAsync(TCPSocketAction action, Container container, string podAddress, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(DialTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(action.Host is { Length: > 0 } host ? host : podAddress, ProbeTarget.Port(action.Port, container), either.Token);
        }
        catch (Exception exception) when (exception is SocketException or FormatException)
        {
            throw new HookException(exception.Message, exception);
        }
    }
}
