using System.Text.Json;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Answers with the pods of the node.</summary>
internal sealed class PodEndpoints(PodManager pods, IContainerRuntime runtime)
{
    /// <summary>Those that are to run here, with their newest status.</summary>
    public Task PodsAsync(HttpContext context) => WriteAsync(context, pods.List());

    /// <summary>Those that run here, whether they are to or not: as much as the runtime knows of them.</summary>
    public async Task RunningPodsAsync(HttpContext context)
    {
        var containers = await runtime.ListContainersAsync(null, context.RequestAborted);
        var running = containers
            .Where(static container => container.State == ContainerRunState.Running)
            .GroupBy(static container => container.Pod)
            .Select(static pod => new Pod
            {
                Metadata = new ObjectMeta { Name = pod.Key.Name, Namespace = pod.Key.Namespace, Uid = pod.Key.Uid },
                Spec = new PodSpec { Containers = [.. pod.Select(static container => new Container { Name = container.Name })] },
            });
        await WriteAsync(context, running);
    }

    private static async Task WriteAsync(HttpContext context, IEnumerable<Pod> items)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.Body, ModelJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("kind", "PodList");
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        writer.WriteStartArray("items");
        foreach (var pod in items)
        {
            pod.WriteTo(writer);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }
}
