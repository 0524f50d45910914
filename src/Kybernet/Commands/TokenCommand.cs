using System.CommandLine;
using System.Globalization;
using Kybernet.Cluster;
using Kybernet.Cluster.Joining;

namespace Kybernet.Commands;

/// <summary><c>kybernet token</c>: the tokens that other machines join with.</summary>
internal static class TokenCommand
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    public static Command Create(TimeProvider time) => new("token", "Make, list and delete the tokens that other machines join with.")
    {
        CreateVerb(time), ListVerb(time), DeleteVerb(time),
    };

    private static Command CreateVerb(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var lifetime = new Option<TimeSpan>("--ttl")
        {
            Description = "How long the token is good, as in 30m or 2h; 0 for ever.",
            HelpName = "DURATION",
            DefaultValueFactory = static _ => DefaultLifetime,
            CustomParser = static result =>
            {
                if (TryParseDuration(result.Tokens[0].Value, out var parsed))
                {
                    return parsed;
                }
                result.AddError("--ttl is a number and s, m or h, as in 24h; or 0.");
                return default;
            },
        };
        var description = new Option<string>("--description") { Description = "What the token is for.", DefaultValueFactory = static _ => "", HelpName = "TEXT" };
        var joinCommand = new Option<bool>("--print-join-command") { Description = "Print what to type on the other machine, rather than the token alone." };
        var command = new Command("create", "Make a token.") { lifetime, description, joinCommand, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var tokens = new JoinTokens(new DataDirectory(parsed.GetValue(dataDir)!), time);
            var asked = parsed.GetValue(lifetime);
            var token = await tokens.CreateAsync(asked == TimeSpan.Zero ? null : asked, parsed.GetValue(description)!, cancellationToken);
            Console.WriteLine(parsed.GetValue(joinCommand) ? await tokens.JoinCommandAsync(token, cancellationToken) : token.Token);
            return 0;
        });
        return command;
    }

    private static Command ListVerb(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var command = new Command("list", "List the tokens.") { dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var tokens = new JoinTokens(new DataDirectory(parsed.GetValue(dataDir)!), time);
            Console.WriteLine($"{"TOKEN",-26}{"EXPIRES",-24}DESCRIPTION");
            foreach (var token in await tokens.ListAsync(cancellationToken))
            {
                var expires = token.Expiration?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "<never>";
                Console.WriteLine($"{token.Token,-26}{expires,-24}{(token.Description.Length > 0 ? token.Description : "<none>")}");
            }
            return 0;
        });
        return command;
    }

    private static Command DeleteVerb(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var which = new Argument<string>("token") { Description = "The token, or its first part." };
        var command = new Command("delete", "Delete a token; who has joined with it stays.") { which, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var tokens = new JoinTokens(new DataDirectory(parsed.GetValue(dataDir)!), time);
            Console.WriteLine($"token {await tokens.DeleteAsync(parsed.GetValue(which)!, cancellationToken)} deleted");
            return 0;
        });
        return command;
    }

    private static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (text == "0")
        {
            return true;
        }
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            return false;
        }
        switch (text[^1])
        {
            case 's': duration = TimeSpan.FromSeconds(number); return true;
            case 'm': duration = TimeSpan.FromMinutes(number); return true;
            case 'h': duration = TimeSpan.FromHours(number); return true;
            default: return false;
        }
    }
}
