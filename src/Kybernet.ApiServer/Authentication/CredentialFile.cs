using System.Text;
using Kybernet.ApiServer.Admission.Configuration;

namespace Kybernet.ApiServer.Authentication;

/// <summary>A line of a file of tokens or passwords.</summary>
/// <param name="Secret">What the user proves to be the user by.</param>
/// <param name="User">The user.</param>
internal sealed record Credential(string Secret, UserInfo User);

/// <summary>Reads files of tokens and of passwords, one user a line: <c>secret,user,uid,"group1,group2"</c>.</summary>
internal static class CredentialFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="secret">What the first column is, as in <c>token</c>.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or a line has too few columns.</exception>
    public static IReadOnlyList<Credential> Load(string path, string secret) => [.. Parse(ConfigurationFile.ReadText(path), secret)];

    /// <summary>The lines of a file's text.</summary>
    /// <exception cref="ConfigurationException">A line has too few columns.</exception>
    public static IEnumerable<Credential> Parse(string csv, string secret)
    {
        var number = 0;
        foreach (var line in csv.Split('\n', StringSplitOptions.TrimEntries))
        {
            number++;
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }
            var columns = Columns(line);
            if (columns.Count < 3)
            {
                throw new ConfigurationException($"line {number}: must have at least 3 columns ({secret}, user name, user uid), found {columns.Count}");
            }
            if (columns[0].Length == 0)
            {
                throw new ConfigurationException($"line {number}: the {secret} is empty");
            }
            string[] groups = columns.Count > 3 ? columns[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
            yield return new Credential(columns[0], new UserInfo(columns[1], groups) { Uid = columns[2] });
        }
    }

    private static List<string> Columns(string line)
    {
        var columns = new List<string>();
        var column = new StringBuilder();
        var quoted = false;
        foreach (var character in line)
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (character == ',' && !quoted)
            {
                columns.Add(column.ToString().Trim());
                column.Clear();
            }
            else
            {
                column.Append(character);
            }
        }
        columns.Add(column.ToString().Trim());
        return columns;
    }
}
