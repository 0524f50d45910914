namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>A level of the standards, as a release has it.</summary>
internal readonly record struct LevelVersion(PodSecurityLevel Level, PolicyVersion Version)
{
    /// <summary>The names of all levels, as labels and configurations spell them.</summary>
    public static IReadOnlyList<string> LevelNames { get; } = ["privileged", "baseline", "restricted"];

    /// <summary>Reads a level's name.</summary>
    public static bool TryParseLevel(string text, out PodSecurityLevel level)
    {
        for (var i = 0; i < LevelNames.Count; i++)
        {
            if (LevelNames[i] == text)
            {
                level = (PodSecurityLevel)i;
                return true;
            }
        }
        level = PodSecurityLevel.Restricted;
        return false;
    }

    /// <summary>A level's name.</summary>
    public static string NameOf(PodSecurityLevel level) => LevelNames[(int)level];

    /// <inheritdoc/>
    public override string ToString() => $"{NameOf(Level)}:{Version}";
}
