using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Server.Access;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Finds what answers a request to the kubelet's own API, once it is known that the caller may ask.</summary>
internal sealed class KubeletEndpoints(
    AccessFilter access, ContainerLogsEndpoint logs, StreamEndpoints streams, PodEndpoints pods, StatsEndpoints stats, NodeEndpoints node, LocalVolumeEndpoint localVolumes)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await access.CheckAsync(context);
            await DispatchAsync(context);
        }
        catch (KubeletRequestException exception) when (!context.Response.HasStarted)
        {
            await PlainText.RespondAsync(context, exception.StatusCode, exception.Message);
        }
        catch (ContainerRuntimeException exception) when (!context.Response.HasStarted)
        {
            await PlainText.RespondAsync(context, StatusCodes.Status500InternalServerError, exception.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up.
        }
    }

    private Task DispatchAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["healthz"] => node.HealthAsync(context, ""),
            ["healthz", var check] => node.HealthAsync(context, check),
            ["configz"] => node.ConfigurationAsync(context),
            ["logs", ..] => node.LogsAsync(context, parts[1..]),
            ["pods"] => pods.PodsAsync(context),
            ["runningpods"] => pods.RunningPodsAsync(context),
            ["stats", "summary"] => stats.SummaryAsync(context),
            ["metrics"] => stats.OwnMetricsAsync(context),
            ["metrics", "resource"] => stats.ResourceMetricsAsync(context),
            ["metrics", "cadvisor"] => stats.ContainerMetricsAsync(context),
            ["metrics", "probes"] => stats.ProbeMetricsAsync(context),
            ["containerLogs", var space, var pod, var container] => logs.HandleAsync(context, space, pod, container),
            ["localVolumes", var volume] => localVolumes.HandleAsync(context, volume),
            ["exec", var space, var pod, .., var container] when parts.Length <= 5 => streams.ExecAsync(context, space, pod, container),
            ["attach", var space, var pod, .., var container] when parts.Length <= 5 => streams.AttachAsync(context, space, pod, container),
            ["portForward", var space, var pod, ..] when parts.Length <= 4 => streams.PortForwardAsync(context, space, pod),
            _ => PlainText.RespondAsync(context, StatusCodes.Status404NotFound, "404 page not found"),
        };
    }
}
