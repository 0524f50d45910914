using System.Globalization;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>
/// Opens streams into pods: asks the runtime where its streaming server takes the session, and connects the two. What is spoken on them, SPDY or
/// WebSocket, is between the caller and the runtime.
/// </summary>
internal sealed class StreamEndpoints(ContainerFinder finder, IContainerRuntime runtime)
{
    public async Task ExecAsync(HttpContext context, string @namespace, string pod, string container)
    {
        var query = context.Request.Query;
        var request = new ExecRequest
        {
            ContainerId = await finder.FindRunningAsync(@namespace, pod, container, context.RequestAborted),
            Stdin = IsOn(query, "input", "stdin"),
            Stdout = IsOn(query, "output", "stdout"),
            Stderr = IsOn(query, "error", "stderr"),
            Tty = IsOn(query, "tty"),
        };
        // A terminal has one output; the runtime refuses a second one.
        request.Stderr &= !request.Tty;
        request.Cmd.AddRange(query["command"].Select(word => word ?? ""));
        if (request.Cmd.Count == 0)
        {
            throw new KubeletRequestException(StatusCodes.Status400BadRequest, "you must specify at least 1 command");
        }
        await StreamProxy.RunAsync(context, await runtime.PrepareExecAsync(request, context.RequestAborted));
    }

    public async Task AttachAsync(HttpContext context, string @namespace, string pod, string container)
    {
        var query = context.Request.Query;
        var request = new AttachRequest
        {
            ContainerId = await finder.FindRunningAsync(@namespace, pod, container, context.RequestAborted),
            Stdin = IsOn(query, "input", "stdin"),
            Stdout = IsOn(query, "output", "stdout"),
            Stderr = IsOn(query, "error", "stderr"),
            Tty = IsOn(query, "tty"),
        };
        request.Stderr &= !request.Tty;
        await StreamProxy.RunAsync(context, await runtime.PrepareAttachAsync(request, context.RequestAborted));
    }

    public async Task PortForwardAsync(HttpContext context, string @namespace, string name)
    {
        var pod = finder.FindPod(@namespace, name);
        var state = await finder.ReadAsync(pod, context.RequestAborted);
        if (state.Sandboxes is not [{ IsReady: true } sandbox, ..])
        {
            throw new KubeletRequestException(StatusCodes.Status404NotFound, $"not able to find the running sandbox of pod \"{name}\"");
        }
        var ports = context.Request.Query["port"].Concat(context.Request.Query["ports"])
            .SelectMany(text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
                ? port
                : throw new KubeletRequestException(StatusCodes.Status400BadRequest, $"invalid port: {text}"))
            .ToArray();
        await StreamProxy.RunAsync(context, await runtime.PreparePortForwardAsync(sandbox.Id, ports, context.RequestAborted));
    }

    private static bool IsOn(IQueryCollection query, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (query[name].ToString() is "1" or "true")
            {
                return true;
            }
        }
        return false;
    }
}
