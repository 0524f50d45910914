using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Streaming;

/// <summary>Finds where a pod's kubelet serves its logs and streams.</summary>
/// <param name="feeds">Where pods are looked up.</param>
/// <param name="kubelets">Where nodes answer.</param>
internal sealed class PodLocator(IObjectFeeds feeds, KubeletConnections kubelets)
{
    private readonly IObjectFeed _pods = feeds.Of(RbacResources.Pods);

    /// <summary>Where a container's logs are; null where the pod has no node yet, and so no logs.</summary>
    /// <exception cref="ApiError">There is no such pod or container.</exception>
    public Uri? Logs(RequestInfo info, IQueryCollection query)
    {
        var pod = PodOf(info);
        var container = ContainerOf(pod, query["container"].ToString());
        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            return null;
        }
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var name in (ReadOnlySpan<string>)["follow", "previous", "timestamps"])
        {
            if (IsOn(query, name))
            {
                parameters.Add(new(name, "true"));
            }
        }
        foreach (var name in (ReadOnlySpan<string>)["sinceSeconds", "sinceTime", "tailLines", "limitBytes", "stream"])
        {
            if (query[name].ToString() is { Length: > 0 } value)
            {
                parameters.Add(new(name, value));
            }
        }
        return At(pod, $"/containerLogs/{info.Namespace}/{info.Name}/{container}", parameters);
    }

    /// <summary>Where a command is run in a container, or its main process attached to.</summary>
    /// <param name="info">What the request is about: <c>exec</c> or <c>attach</c>.</param>
    /// <param name="query">The client's options.</param>
    /// <param name="streams">Which streams are wanted.</param>
    /// <exception cref="ApiError">There is no such pod or container, or it has no node.</exception>
    public Uri RemoteCommand(RequestInfo info, IQueryCollection query, RemoteStreams streams)
    {
        var pod = PodOf(info);
        var container = ContainerOf(pod, query["container"].ToString());
        var parameters = new List<KeyValuePair<string, string>>();
        Add("input", streams.Stdin);
        Add("output", streams.Stdout);
        Add("error", streams.Stderr);
        Add("tty", streams.Tty);
        if (info.Subresource == "exec")
        {
            parameters.AddRange(query["command"].Select(word => new KeyValuePair<string, string>("command", word ?? "")));
        }
        return At(pod, $"/{info.Subresource}/{info.Namespace}/{info.Name}/{container}", parameters);

        void Add(string name, bool isOn)
        {
            if (isOn)
            {
                parameters.Add(new(name, "1"));
            }
        }
    }

    /// <summary>Where a pod's ports are forwarded.</summary>
    /// <exception cref="ApiError">There is no such pod, or it has no node.</exception>
    public Uri PortForward(RequestInfo info, IQueryCollection query)
    {
        var ports = query["ports"].OfType<string>().ToArray();
        return At(PodOf(info), $"/portForward/{info.Namespace}/{info.Name}", ports.Length == 0 ? [] : [new("port", string.Join(',', ports))]);
    }

    /// <summary>Whether a query's boolean is set.</summary>
    public static bool IsOn(IQueryCollection query, string name) => query[name].ToString() is "true" or "1" or "True" or "TRUE" or "t" or "T";

    private Pod PodOf(RequestInfo info) =>
        _pods.Find(info.Namespace, info.Name)?.As<Pod>() ?? throw ApiError.NotFound(RbacResources.Pods, info.Name);

    private Uri At(Pod pod, string path, List<KeyValuePair<string, string>> parameters)
    {
        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            throw ApiError.BadRequest($"pod {pod.Metadata.Name} does not have a host assigned");
        }
        var query = string.Join('&', parameters.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
        return new UriBuilder(kubelets.AddressOf(pod.Spec.NodeName)) { Path = path, Query = query }.Uri;
    }

    private static string ContainerOf(Pod pod, string wanted)
    {
        if (wanted.Length == 0)
        {
            return pod.Spec.Containers switch
            {
                [var only] => only.Name,
                [] => throw ApiError.BadRequest($"a container name must be specified for pod {pod.Metadata.Name}"),
                _ => throw ApiError.BadRequest(
                    $"a container name must be specified for pod {pod.Metadata.Name}, choose one of: [{string.Join(' ', NamesOf(pod))}]"),
            };
        }
        return NamesOf(pod).Contains(wanted)
            ? wanted
            : throw ApiError.BadRequest($"container {wanted} is not valid for pod {pod.Metadata.Name}");
    }

    private static IEnumerable<string> NamesOf(Pod pod) =>
        pod.Spec.InitContainers.Select(container => container.Name)
            .Concat(pod.Spec.Containers.Select(container => container.Name))
            .Concat(pod.Spec.EphemeralContainers.Select(container => container.Name));
}
