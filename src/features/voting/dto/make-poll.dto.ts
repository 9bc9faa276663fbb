import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsInt, IsObject, IsUUID, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { DistinctTexts, IsInstant, LowerCased, MayBeAbsent, MayBeNothing, TextLine, TextLines } from '../../../platform/http/fields.js';
import { ELECTORATES, POLL_METHODS, RESULT_VISIBILITIES, SECRECIES, type Electorate, type PollMethod, type ResultVisibility, type Secrecy } from '../poll.types.js';

const MOST_CANDIDATES = 100;
const MOST_ELECTORS = 5_000;
const MOST_DESCRIPTION = 5_000;
const MOST_SCORE = 100;
/** What an INT holds. */
const MOST_VOTERS = 2_147_483_647;

class NewCandidateDto {
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'The Coffee Machine' })
  @TextLine(1, 200)
  name: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MOST_DESCRIPTION, example: 'Two grinders, no queue.' })
  @MayBeNothing()
  @TextLines(0, MOST_DESCRIPTION)
  description?: string | null;
}

export class QuorumDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_VOTERS, example: 10, description: 'so many voters; required without percent' })
  @ValidateIf(({ min, percent }: QuorumDto) => min !== undefined || percent === undefined)
  @IsInt()
  @Min(1)
  @Max(MOST_VOTERS)
  min?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, description: 'so many percent of the electorate; not in public polls' })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(100)
  percent?: number;
}

/** What can be said about a poll. */
export class PollSettingsDto {
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'What shall we buy for the kitchen?' })
  @TextLine(1, 200)
  title: string;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: MOST_DESCRIPTION, example: 'The budget is 500 euros.' })
  @MayBeNothing()
  @TextLines(0, MOST_DESCRIPTION)
  description?: string | null;

  @ApiProperty({ enum: POLL_METHODS, example: 'single', description: 'how ballots are written and counted: one vote, approvals, scores, or ranks counted by instant runoff (irv) or by Schulze' })
  @IsIn(POLL_METHODS)
  method: PollMethod;

  @ApiProperty({ type: [NewCandidateDto], minItems: 1, maxItems: MOST_CANDIDATES, description: 'what can be voted for; each name once' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_CANDIDATES)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => NewCandidateDto)
  candidates: NewCandidateDto[];

  @ApiProperty({ enum: ELECTORATES, example: 'all', description: 'who may vote: all members, those on the list, or anybody with a device token (public): then the result is unverified' })
  @IsIn(ELECTORATES)
  electorate: Electorate;

  @ApiPropertyOptional({ type: [String], format: 'uuid', minItems: 1, maxItems: MOST_ELECTORS, description: 'ids of the members who may vote: with the electorate list, and only there' })
  @MayBeAbsent()
  @LowerCased()
  @DistinctTexts(MOST_ELECTORS)
  @ArrayMinSize(1)
  @IsUUID('all', { each: true })
  memberIds?: string[];

  @ApiProperty({ example: false, description: 'whether votes can be changed and taken back; not in secret polls' })
  @IsBoolean()
  allowChange: boolean;

  @ApiProperty({
    enum: SECRECIES,
    example: 'named',
    description: 'secret: no table, answer or export ties a ballot to its voter, who hides among the votes stored with theirs (16, or as many as come in 2 s); one that comes alone is linkable by its moment, so take the results after-close. '
      + 'Until certification an administrator of the database can test who has voted, and its logs and backups hold voters, ballots and that key together until they are purged.',
  })
  @IsIn(SECRECIES)
  secrecy: Secrecy;

  @ApiProperty({ enum: RESULT_VISIBILITIES, example: 'live', description: 'from when on counts are shown; admins: to those who manage polls, and to nobody else ever' })
  @IsIn(RESULT_VISIBILITIES)
  results: ResultVisibility;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'opens by itself; one that is past opens it at once. Without it the poll is a draft until it is opened' })
  @MayBeNothing()
  @IsInstant()
  opensAt?: Date | null;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'closes by itself; in the future, and after opensAt. Without it the poll is open until it is closed' })
  @MayBeNothing()
  @IsInstant()
  closesAt?: Date | null;

  @ApiPropertyOptional({ type: QuorumDto, nullable: true, description: 'without so many voters nobody wins' })
  @MayBeNothing()
  @IsObject()
  @ValidateNested()
  @Type(() => QuorumDto)
  quorum?: QuorumDto | null;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: MOST_SCORE, example: 5, description: 'score: the most that one candidate can be given' })
  @IsInt()
  @Min(1)
  @Max(MOST_SCORE)
  maxScore: number;
}

/** `POST /api/polls` */
export class MakePollDto extends PollSettingsDto {
  @ApiPropertyOptional({ default: 'all' })
  @MayBeAbsent()
  override electorate: Electorate = 'all';

  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  override allowChange: boolean = false;

  @ApiPropertyOptional({ default: 'named' })
  @MayBeAbsent()
  override secrecy: Secrecy = 'named';

  @ApiPropertyOptional({ default: 'live' })
  @MayBeAbsent()
  override results: ResultVisibility = 'live';

  @ApiPropertyOptional({ default: 5 })
  @MayBeAbsent()
  override maxScore: number = 5;
}
