using Kybernet.Api.Validation;

namespace Kybernet.Api.Selectors;

/// <summary>Parses the text of label selectors.</summary>
internal sealed class SelectorParser
{
    private readonly List<(Token Kind, string Text)> _tokens = [];
    private int _position;

    internal SelectorParser(string text) => Scan(text);

    private enum Token
    {
        End,
        Close,
        Comma,
        Not,
        DoubleEquals,
        Equals,
        Greater,
        Identifier,
        In,
        Less,
        NotEquals,
        NotIn,
        Open,
    }

    internal List<Requirement> Parse()
    {
        var requirements = new List<Requirement>();
        while (true)
        {
            var (kind, text) = Peek();
            if (kind == Token.End)
            {
                return requirements;
            }
            if (kind is not (Token.Identifier or Token.Not))
            {
                throw Unexpected(text, "!, identifier, or 'end of string'");
            }
            requirements.Add(ParseRequirement());
            (kind, text) = Next();
            if (kind == Token.End)
            {
                return requirements;
            }
            if (kind != Token.Comma)
            {
                throw Unexpected(text, "',' or 'end of string'");
            }
            (kind, text) = Peek();
            if (kind is not (Token.Identifier or Token.Not))
            {
                throw Unexpected(text, "identifier after ','");
            }
        }
    }

    private static SelectorException Unexpected(string found, string expected, string comma = ",") =>
        new($"found '{found}'{comma} expected: {expected}");

    private static SelectorException Wrap(SelectorException exception) => new($"unable to parse requirement: {exception.Message}");

    private Requirement ParseRequirement()
    {
        try
        {
            var (kind, key) = Next();
            var not = kind == Token.Not;
            if (not)
            {
                (kind, key) = Next();
            }
            if (kind != Token.Identifier)
            {
                throw Unexpected(key, "identifier");
            }
            if (Names.QualifiedName(key) is { Count: > 0 } errors)
            {
                throw new SelectorException($"<nil>: Invalid value: \"{key}\": {string.Join("; ", errors)}");
            }
            if (not || Peek().Kind is Token.End or Token.Comma)
            {
                return Requirement.Create(key, not ? SelectorOperator.DoesNotExist : SelectorOperator.Exists, []);
            }
            var @operator = ParseOperator();
            return Requirement.Create(
                key, @operator, @operator is SelectorOperator.In or SelectorOperator.NotIn ? ParseValues() : ParseValue());
        }
        catch (SelectorException exception)
        {
            throw Wrap(exception);
        }
    }

    private SelectorOperator ParseOperator()
    {
        var (kind, text) = _tokens[_position++];
        return kind switch
        {
            Token.In => SelectorOperator.In,
            Token.NotIn => SelectorOperator.NotIn,
            Token.Equals => SelectorOperator.Equals,
            Token.DoubleEquals => SelectorOperator.DoubleEquals,
            Token.NotEquals => SelectorOperator.NotEquals,
            Token.Greater => SelectorOperator.GreaterThan,
            Token.Less => SelectorOperator.LessThan,
            _ => throw Unexpected(text, "in, notin, =, ==, !=, gt, lt"),
        };
    }

    private IEnumerable<string> ParseValue()
    {
        if (Peek().Kind is Token.End or Token.Comma)
        {
            return [""];
        }
        var (kind, text) = Next();
        return kind == Token.Identifier ? [text] : throw Unexpected(text, "identifier");
    }

    private IEnumerable<string> ParseValues()
    {
        var (kind, text) = Next();
        if (kind != Token.Open)
        {
            throw Unexpected(text, "'('", comma: "");
        }
        (kind, text) = Peek();
        switch (kind)
        {
            case Token.Identifier or Token.Comma:
                var values = ParseList();
                return Next().Kind == Token.Close ? values : throw Unexpected(text, "')'");
            case Token.Close:
                Next();
                return [""];
            default:
                throw Unexpected(text, "',', ')' or identifier");
        }
    }

    /// <summary>Values between commas; nothing between two of them is the empty value.</summary>
    private SortedSet<string> ParseList()
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var (kind, text) = Next();
            var next = _position < _tokens.Count ? Peek() : (Token.End, "");
            switch (kind)
            {
                case Token.Identifier:
                    values.Add(text);
                    if (next.Item1 == Token.Close)
                    {
                        return values;
                    }
                    if (next.Item1 != Token.Comma)
                    {
                        throw Unexpected(next.Item2, "',' or ')'");
                    }
                    break;
                case Token.Comma:
                    if (values.Count == 0 || next.Item1 is Token.Close or Token.Comma)
                    {
                        values.Add("");
                    }
                    if (next.Item1 == Token.Close)
                    {
                        return values;
                    }
                    break;
                default:
                    throw Unexpected(text, "',', or identifier");
            }
        }
    }

    // Where a value is expected, "in" and "notin" are values like any other.
    private (Token Kind, string Text) Peek() => AsValue(_tokens[_position]);

    private (Token Kind, string Text) Next() => AsValue(_tokens[_position++]);

    private static (Token Kind, string Text) AsValue((Token Kind, string Text) token) =>
        token.Kind is Token.In or Token.NotIn ? (Token.Identifier, token.Text) : token;

    private void Scan(string text)
    {
        var position = 0;
        while (position < text.Length)
        {
            if (text[position] is ' ' or '\t' or '\r' or '\n')
            {
                position++;
            }
            else if (IsSymbol(text[position]))
            {
                ScanSymbol(text, ref position);
            }
            else
            {
                ScanWord(text, ref position);
            }
        }
        _tokens.Add((Token.End, ""));
    }

    private static bool IsSymbol(char character) => character is '=' or '!' or '(' or ')' or ',' or '>' or '<';

    private void ScanSymbol(string text, ref int position)
    {
        var two = position + 1 < text.Length ? text.AsSpan(position, 2) : [];
        if (two is "==" or "!=")
        {
            _tokens.Add((two[0] == '=' ? Token.DoubleEquals : Token.NotEquals, two.ToString()));
            position += 2;
            return;
        }
        var kind = text[position] switch
        {
            '=' => Token.Equals,
            '!' => Token.Not,
            '(' => Token.Open,
            ')' => Token.Close,
            ',' => Token.Comma,
            '>' => Token.Greater,
            _ => Token.Less,
        };
        _tokens.Add((kind, text[position].ToString()));
        position++;
    }

    private void ScanWord(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && !IsSymbol(text[position]) && text[position] is not (' ' or '\t' or '\r' or '\n'))
        {
            position++;
        }
        var value = text[start..position];
        _tokens.Add((value switch { "in" => Token.In, "notin" => Token.NotIn, _ => Token.Identifier }, value));
    }
}
