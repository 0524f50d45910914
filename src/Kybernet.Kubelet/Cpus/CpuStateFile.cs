using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.Kubelet.Cpus;

/// <summary>Keeps on disk who has which processors, in upstream's file <c>cpu_manager_state</c>, in its second format, which all of its versions read.</summary>
internal sealed class CpuStateFile(string path)
{
    /// <summary>What the file says; null where there is none.</summary>
    /// <param name="policy">The rule that is to be followed, which has to be that of the file.</param>
    /// <exception cref="CpuManagerException">It is damaged, or of another rule.</exception>
    public CpuAssignments? Read(string policy)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            var assignments = Parse(root);
            if (root["checksum"]!.GetValue<ulong>() is not 0 and var checksum && checksum != ChecksumOf(assignments))
            {
                throw new FormatException("checkpoint is corrupted");
            }
            return assignments.Policy == policy
                ? assignments
                : throw new FormatException($"configured policy \"{policy}\" differs from state checkpoint policy \"{assignments.Policy}\"");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or NullReferenceException)
        {
            throw new CpuManagerException(
                $"could not restore state from checkpoint: {exception.Message}, please drain this node and delete the CPU manager checkpoint file \"{path}\" before restarting Kubelet");
        }
    }

    /// <summary>Writes it; whoever reads it sees all of the old one or all of the new one.</summary>
    public void Write(CpuAssignments assignments)
    {
        var root = new JsonObject
        {
            ["policyName"] = JsonValue.Create(assignments.Policy),
            ["defaultCpuSet"] = JsonValue.Create(assignments.Shared.ToString()),
        };
        if (assignments.Exclusive.Count > 0)
        {
            root["entries"] = new JsonObject(assignments.Exclusive.Select(static pod => KeyValuePair.Create(
                pod.Key, (JsonNode?)new JsonObject(pod.Value.Select(static container => KeyValuePair.Create(container.Key, (JsonNode?)JsonValue.Create(container.Value.ToString())))))));
        }
        root["checksum"] = JsonValue.Create(ChecksumOf(assignments));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".tmp", root.ToJsonString());
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Upstream's checksum: FNV-1a of what Go's spew prints of its structure.</summary>
    internal static uint ChecksumOf(CpuAssignments assignments)
    {
        var entries = string.Join(' ', assignments.Exclusive.Select(static pod =>
            $"{pod.Key}:map[{string.Join(' ', pod.Value.Select(static container => $"{container.Key}:{container.Value}"))}]"));
        var printed = $"(*state.CPUManagerCheckpoint){{PolicyName:(string){assignments.Policy} DefaultCPUSet:(string){assignments.Shared} "
            + $"Entries:(map[string]map[string]string)map[{entries}] Checksum:(checksum.Checksum)0}}";
        var hash = 2166136261;
        foreach (var value in Encoding.UTF8.GetBytes(printed))
        {
            hash = unchecked((hash ^ value) * 16777619);
        }
        return hash;
    }

    private static CpuAssignments Parse(JsonObject root)
    {
        var assignments = CpuAssignments.None(root["policyName"]!.GetValue<string>(), CpuSet.Parse(root["defaultCpuSet"]!.GetValue<string>()));
        foreach (var (uid, containers) in root["entries"]?.AsObject() ?? [])
        {
            foreach (var (name, cpus) in containers!.AsObject())
            {
                // Not by With, which would repair what is to be found wrong.
                var own = assignments.With(uid, name, CpuSet.Parse(cpus!.GetValue<string>()));
                assignments = own with { Shared = assignments.Shared };
            }
        }
        return assignments;
    }
}
