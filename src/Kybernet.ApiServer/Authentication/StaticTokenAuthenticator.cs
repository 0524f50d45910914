using System.Security.Cryptography;
using System.Text;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Authenticates by the tokens of a file, one user a line: <c>token,user,uid,"group1,group2"</c>.</summary>
public sealed class StaticTokenAuthenticator : ITokenAuthenticator
{
    private readonly Dictionary<string, TokenIdentity> _users = new(StringComparer.Ordinal);

    /// <summary>Reads the file's text.</summary>
    /// <exception cref="FormatException">A line has fewer than three columns, or no token.</exception>
    public StaticTokenAuthenticator(string csv)
    {
        foreach (var line in csv.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
            {
                continue;
            }
            var columns = Columns(line);
            if (columns.Count < 3 || columns[0].Length == 0)
            {
                throw new FormatException("a line of the token file must have at least three columns: token, user name and uid");
            }
            string[] groups = columns.Count > 3 ? columns[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
            _users[Digest(columns[0])] = new TokenIdentity(new UserInfo(columns[1], groups) { Uid = columns[2] }, []);
        }
    }

    /// <inheritdoc />
    public ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken) =>
        // Tokens of a file are for the API server only; another audience cannot be vouched for.
        ValueTask.FromResult(audiences.Count > 0 ? null : _users.GetValueOrDefault(Digest(token)));

    /// <summary>Comparing digests takes no longer for a token that is nearly right.</summary>
    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

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
