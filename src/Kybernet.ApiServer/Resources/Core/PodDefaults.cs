using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>The defaults of pods and their templates that depend on other fields.</summary>
internal static class PodDefaults
{
    /// <summary>What holds for a template too.</summary>
    public static void Template(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }
        ServiceAccount(spec);
        foreach (var volume in spec.Objects("volumes"))
        {
            Volume(volume);
        }
        Containers(spec, "initContainers", PullPolicy);
        Containers(spec, "containers", PullPolicy);
        Containers(spec, "ephemeralContainers", PullPolicy);
    }

    /// <summary>What holds for a pod.</summary>
    public static void Pod(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }
        Template(spec);
        Containers(spec, "initContainers", Requests);
        Containers(spec, "containers", Requests);
        spec.Fill("enableServiceLinks", true);
        if (spec.IsTrue("hostNetwork"))
        {
            Containers(spec, "initContainers", HostPorts);
            Containers(spec, "containers", HostPorts);
        }
    }

    private static void Containers(JsonObject spec, string list, Action<JsonObject> action)
    {
        foreach (var container in spec.Objects(list))
        {
            action(container);
        }
    }

    /// <summary>The account's name has an older field, which always says the same.</summary>
    private static void ServiceAccount(JsonObject spec)
    {
        if (!spec.Lacks("serviceAccountName"))
        {
            spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        }
        else if (!spec.Lacks("serviceAccount"))
        {
            spec["serviceAccountName"] = spec["serviceAccount"]!.DeepClone();
        }
    }

    /// <summary>A volume without a source is an empty directory.</summary>
    private static void Volume(JsonObject volume)
    {
        var hasSource = false;
        foreach (var (field, value) in volume)
        {
            hasSource |= field != "name" && value is not null;
        }
        if (!hasSource)
        {
            volume["emptyDir"] = new JsonObject();
        }
        if (volume.Object("image") is { } image)
        {
            image.Fill("pullPolicy", IsLatest(image.Text("reference")) ? "Always" : "IfNotPresent");
        }
    }

    private static void PullPolicy(JsonObject container) =>
        container.Fill("imagePullPolicy", IsLatest(container.Text("image")) ? "Always" : "IfNotPresent");

    /// <summary>Who sets a limit and no request requests the limit.</summary>
    private static void Requests(JsonObject container)
    {
        if (container.Object("resources") is not { } resources || resources.Object("limits") is not { Count: > 0 } limits)
        {
            return;
        }
        var requests = resources.EnsureObject("requests");
        foreach (var (name, limit) in limits)
        {
            if (limit is not null && requests[name] is null)
            {
                requests[name] = limit.DeepClone();
            }
        }
    }

    /// <summary>On the host's network, a container's port is the host's.</summary>
    private static void HostPorts(JsonObject container)
    {
        foreach (var port in container.Objects("ports"))
        {
            if (port.Number("hostPort") is null or 0 && port["containerPort"] is { } number)
            {
                port["hostPort"] = number.DeepClone();
            }
        }
    }

    /// <summary>Whether a reference names an image's newest version: its tag is <c>latest</c>, or it has neither tag nor digest.</summary>
    private static bool IsLatest(string? reference)
    {
        if (string.IsNullOrEmpty(reference))
        {
            return false;
        }
        var digest = reference.IndexOf('@');
        var name = digest < 0 ? reference : reference[..digest];
        var colon = name.IndexOf(':', name.LastIndexOf('/') + 1);
        return colon < 0 ? digest < 0 : name.AsSpan(colon + 1) is "latest";
    }
}
