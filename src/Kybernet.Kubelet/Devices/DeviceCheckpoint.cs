using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Kybernet.Kubelet.Devices.V1Beta1;

namespace Kybernet.Kubelet.Devices;

/// <summary>The file in which is kept who has which devices, so that the next start of the kubelet gives them to nobody else. In upstream's words.</summary>
internal sealed class DeviceCheckpoint(string path)
{
    // Of devices that are at no NUMA node in particular.
    private const string NoNode = "-1";

    /// <summary>What was kept: who has what, and the resources that there were.</summary>
    public (IReadOnlyList<DeviceAssignment> Assignments, IReadOnlyList<string> Resources) Read()
    {
        if (!File.Exists(path))
        {
            return ([], []);
        }
        try
        {
            var data = JsonNode.Parse(File.ReadAllBytes(path))?["Data"];
            return (
                [.. (data?["PodDeviceEntries"]?.AsArray() ?? []).Select(static entry => ReadEntry(entry!))],
                [.. (data?["RegisteredDevices"]?.AsObject() ?? []).Select(static entry => entry.Key)]);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or InvalidProtocolBufferException)
        {
            throw new DeviceException($"failed to read checkpoint file {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Keeps it.</summary>
    public void Write(IEnumerable<DeviceAssignment> assignments, IReadOnlyDictionary<string, IReadOnlyList<string>> resources)
    {
        var registered = new JsonObject();
        foreach (var (resource, devices) in resources)
        {
            registered[resource] = Texts(devices);
        }
        var data = new JsonObject { ["PodDeviceEntries"] = new JsonArray([.. assignments.Select(WriteEntry)]), ["RegisteredDevices"] = registered };
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".new", new JsonObject { ["Data"] = data }.ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }

    private static DeviceAssignment ReadEntry(JsonNode entry) => new(
        entry["PodUID"]!.GetValue<string>(),
        entry["ContainerName"]!.GetValue<string>(),
        entry["ResourceName"]!.GetValue<string>(),
        [.. entry["DeviceIDs"]!.AsObject().SelectMany(static node => node.Value!.AsArray()).Select(static id => id!.GetValue<string>())],
        ContainerAllocateResponse.Parser.ParseFrom(Convert.FromBase64String(entry["AllocResp"]!.GetValue<string>())));

    private static JsonNode WriteEntry(DeviceAssignment assignment) => new JsonObject
    {
        ["PodUID"] = JsonValue.Create(assignment.PodUid),
        ["ContainerName"] = JsonValue.Create(assignment.Container),
        ["ResourceName"] = JsonValue.Create(assignment.Resource),
        ["DeviceIDs"] = new JsonObject { [NoNode] = Texts(assignment.Devices) },
        ["AllocResp"] = JsonValue.Create(Convert.ToBase64String(assignment.Answer!.ToByteArray())),
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(static text => JsonValue.Create(text))]);
}
