using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>
/// What is kept beside a driver's mount, in upstream's file and words: with it the mount can be undone when the objects that it was made from are gone.
/// </summary>
internal sealed record VolumeData(string Driver, string Handle, bool IsEphemeral)
{
    private const string FileName = "vol_data.json";

    /// <summary>What is kept in a folder; null where there is nothing that could be read.</summary>
    public static VolumeData? Read(string folder)
    {
        try
        {
            var data = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, FileName)));
            return data?["driverName"]?.GetValue<string>() is { } driver && data["volumeHandle"]?.GetValue<string>() is { } handle
                ? new VolumeData(driver, handle, data["volumeLifecycleMode"]?.GetValue<string>() == "Ephemeral")
                : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps it in a folder, which is made.</summary>
    public void Write(string folder, string volumeName, string node)
    {
        Directory.CreateDirectory(folder);
        var data = new JsonObject
        {
            ["attachmentID"] = JsonValue.Create(CsiVolume.AttachmentName(Handle, Driver, node)),
            ["driverName"] = JsonValue.Create(Driver),
            ["nodeName"] = JsonValue.Create(node),
            ["specVolID"] = JsonValue.Create(volumeName),
            ["volumeHandle"] = JsonValue.Create(Handle),
            ["volumeLifecycleMode"] = JsonValue.Create(IsEphemeral ? "Ephemeral" : "Persistent"),
        };
        var unfinished = Path.Combine(folder, $".{FileName}");
        File.WriteAllText(unfinished, data.ToJsonString());
        File.Move(unfinished, Path.Combine(folder, FileName), overwrite: true);
    }

    /// <summary>Forgets what is kept in a folder.</summary>
    public static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));
}
